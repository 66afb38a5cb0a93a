import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import type { Metric } from '../../../src/telemetry/catalogue.ts'
import { OWN } from '../../own-monitoring.ts'
import { select } from '../../rule.ts'
import { REPLICAS } from '../dashboard-variables.ts'
import { graph, quantile, rate, unitOf } from '../panels.ts'

/** A graph of a metric: the rate of a counter by its labels, the 95th percentile of a histogram, or a gauge by replica. */
function panelOf({ kind, name, unit, help, labels }: Metric) {
  const own = Object.values(labels)
  const by = kind === 'counter' && own.length > 0 ? own : ['instance']
  const sum = (series: string, ...more: string[]) => `sum by (${[...by, ...more].join(', ')}) (${series})`
  const kinds = {
    counter: { value: 'Per second', unit: `${unit}/s`, query: () => sum(rate(select(name, REPLICAS))) },
    gauge: { value: 'Now', unit, query: () => sum(select(name, REPLICAS)) },
    histogram: {
      value: '95th percentile',
      unit,
      query: () => quantile(0.95, sum(rate(select(`${name}_bucket`, REPLICAS)), 'le')),
    },
  }
  return graph({
    title: name,
    shows: help,
    worry: `${kinds[kind].value}, by ${by.join(' and ')}; compare the values with those of another day.`,
    unit: unitOf(kinds[kind].unit),
    queries: { [by.map(label => `{{${label}}}`).join(' ')]: kinds[kind].query() },
  })
}

const panels = Object.values(OWN.catalogue ?? {}).map(panelOf)

/** A row with a graph of each metric that the service has of its own, three in a line; no row without such metrics. */
export const ownRows = panels.length === 0 ? {} : { [SERVICE_CONFIG.title]: inLines(panels) }

function inLines<Panel>(all: readonly Panel[]): Panel[][] {
  return Array.from({ length: Math.ceil(all.length / 3) }, (_, line) => all.slice(3 * line, 3 * line + 3))
}

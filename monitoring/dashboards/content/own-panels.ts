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

/** A row with a graph of each metric, three in a line; no row without metrics. */
export function rowsOf(metrics: readonly Metric[]) {
  const panels = metrics.map(panelOf)
  const lines = Array.from({ length: Math.ceil(panels.length / 3) }, (_, line) => panels.slice(3 * line, 3 * line + 3))
  return lines.length === 0 ? {} : { [SERVICE_CONFIG.title]: lines }
}

/** The row of the metrics that the service has of its own. */
export const ownRows = rowsOf(Object.values(OWN.catalogue ?? {}))

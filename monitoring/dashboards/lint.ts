import type { Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'
import { ALERTS } from './expressions.ts'
import { type Selector, selectorsOf } from './promql.ts'
import { panelsOf } from './queries.ts'

/** A query of a panel, as far as it is looked at. */
interface Target {
  readonly refId?: string
  readonly expr?: string
  readonly legendFormat?: string
  readonly instant?: boolean
}

/** Every series that rules and dashboards may name. */
const KNOWN = new Set<string>([
  ...Object.values(catalogue).flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...Object.values(EXPORTERS),
  ...Object.values(CLUSTER_METRICS),
  ALERTS,
])

/** Exceptions from target-job and target-instance: nodes and a cluster's objects are no replicas of the service. */
const OTHER_JOBS = new Set([JOBS.node, ...Object.values(CLUSTER_JOBS)].map(job => `="${job}"`))

/** The variables that choose series, and what they are called on the page. */
const CHOICES = [
  ['job', 'Job'],
  ['instance', 'Instance'],
] as const

/** Counters, and the series of histograms, which are counters, too. */
const COUNTER = /_(total|bucket|sum|count)$/

/** What a dashboard does wrong, a line each: the rules of Grafana's dashboard-linter by their names, and some of our own. */
export function lint(dashboard: Dashboard): string[] {
  const problems: string[] = []
  const demand = (fine: boolean, rule: string, place = '') => {
    if (!fine) problems.push(place ? `${rule}: ${place}` : rule)
  }

  demand(dashboard.editable === false, 'uneditable-dashboard')
  demand(dashboard.schemaVersion >= 38 && !('apiVersion' in dashboard) && dashboard.id == null, 'classic-json')
  demand(JSON.stringify(dashboard).length < 2 ** 20, 'fits-a-config-map') // 1 MiB, the limit of Kubernetes

  const [datasource, ...variables] = dashboard.templating.list ?? []
  demand(isDatasource(datasource), 'template-datasource')
  demand(!variables.some(({ type }) => type === 'datasource'), 'template-datasource', 'there is more than one')
  for (const [name, label] of CHOICES) {
    const fine = variables.some(variable => isChoice(variable, name, label))
    demand(fine, `template-${name}`)
  }
  for (const { name, query, refresh } of variables) {
    demand(refresh === VariableRefresh.OnTimeRangeChanged, 'template-on-time-change-reload', name)
    const [, selector = ''] = /^label_values\((.+), \w+\)$/.exec(`${query}`) ?? []
    const [series] = selectorsOf(selector)
    demand(series !== undefined && KNOWN.has(series.metric), 'template-label-promql', name)
  }

  for (const panel of panelsOf(dashboard)) {
    const { title = '', description, datasource, fieldConfig, targets = [] } = panel
    demand(title !== '' && /^[A-Z0-9].{40,}\.$/.test(description ?? ''), 'panel-title-description', title)
    demand(datasource?.uid === '$datasource', 'panel-datasource', title)
    demand(Boolean(fieldConfig?.defaults.unit), 'panel-units', title)
    demand(fieldConfig?.defaults.min === 0, 'panel-min', title)
    demand(targets.length > 0, 'panel-no-targets', title)
    demand(new Set((targets as Target[]).map(({ refId }) => refId)).size === targets.length, 'target-ref-id', title)
    for (const target of targets as Target[]) {
      demand(Boolean(target.legendFormat), 'target-legend', title)
      // such a series hides that the one that was meant is missing
      demand(!/\bvector\s*\(/.test(target.expr ?? ''), 'target-no-vector', title)
      for (const selector of selectorsOf(target.expr ?? ''))
        for (const rule of faultsOf(selector, target.instant === true))
          problems.push(`${rule}: ${title}: ${selector.metric}`)
    }
  }
  return [...problems, ...layoutFaults(dashboard)]
}

const isDatasource = (variable?: VariableModel) =>
  variable?.type === 'datasource' &&
  variable.name === 'datasource' &&
  variable.label === 'Data Source' &&
  variable.query === 'prometheus'

const isChoice = (variable: VariableModel, name: string, label: string) =>
  variable.type === 'query' &&
  variable.name === name &&
  variable.label === label &&
  variable.datasource?.uid === '$datasource' &&
  variable.multi === true &&
  variable.allValue === '.+'

/** The names of the rules that a selector breaks. */
function faultsOf({ metric, matchers, range, within }: Selector, instant: boolean): string[] {
  const { job = '', instance = '' } = matchers
  const isRate = within === 'rate' || within === 'irate'
  // exception: a figure about the whole range that is shown
  const isWholeRange = within === 'increase' && instant && range === '$__range'
  const exempt = OTHER_JOBS.has(job) || metric === ALERTS // alerts are of every job
  const rules = {
    'target-known-metric': KNOWN.has(metric),
    'target-job': exempt || job === '=~"$job"',
    'target-instance': exempt || instance === '=~"$instance"',
    'target-rate-interval': range === undefined || isWholeRange || (isRate && range === '$__rate_interval'),
    'target-counter-agg': !COUNTER.test(metric) || isRate || isWholeRange,
  }
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

/** Ids and places: of 24 columns, a panel takes at least 6, and none covers another. */
function layoutFaults({ panels = [] }: Dashboard): string[] {
  const ids = new Set(panels.map(({ id }) => id))
  const faults = ids.size === panels.length && !ids.has(undefined) ? [] : ['panel-ids']
  const places = panels.map(({ gridPos, title = '' }) => ({ title, ...(gridPos ?? { x: 0, y: 0, w: 0, h: 0 }) }))
  for (const [index, a] of places.entries()) {
    if (a.w < 6 || a.h < 1 || a.x + a.w > 24) faults.push(`panel-size: ${a.title}`)
    const covered = places
      .slice(0, index)
      .find(b => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
    if (covered) faults.push(`panel-overlap: ${a.title}`)
  }
  return faults
}

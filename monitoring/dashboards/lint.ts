import type { Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { DASHBOARDS } from '../rule.ts'
import { sloRecordingRules } from '../rules/slo-rules.ts'
import { CLUSTER_METRICS, EXPORTERS, LOAD_METRICS, OWN_METRICS } from '../targets.ts'
import { panelsOf, type Target } from './queries.ts'
import { type Selector, selectorsOf } from './selectors.ts'
import { allOf, CHOICES } from './variables.ts'

/** A rule that is broken, and where. */
interface Problem {
  readonly rule: string
  readonly dashboard: string
  /** The title of the panel, or the name of what else it is in. */
  readonly place: string
  readonly metric: string
}

/** Where a rule does not hold, and why that is right. What is left out is any. */
interface Exception {
  readonly rules: readonly string[]
  readonly dashboards?: readonly string[]
  readonly place?: RegExp
  readonly metric?: RegExp
  readonly reason: string
}

const BY_REPLICA = ['target-job', 'target-namespace', 'target-pod', 'target-instance']

/** Every exception; a test fails when one is not needed any more. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    rules: BY_REPLICA,
    metric: /^node_/,
    reason: 'a node is no replica of the service; where it is beside one, all nodes are shown',
  },
  {
    rules: ['target-job', 'target-instance'],
    metric: /^(kube|container)_/,
    reason: 'the cluster tells of pods by their names; its job and instance are its own',
  },
  { rules: ['target-pod'], metric: /^kube_deployment_/, reason: 'a Deployment is of all its pods' },
  {
    rules: BY_REPLICA,
    metric: /^container_network_/,
    dashboards: [DASHBOARDS.node],
    reason: 'where node_exporter cannot see the network of the node, each node is shown',
  },
  { rules: BY_REPLICA, metric: /^ALERTS/, reason: 'alerts are of every job' },
  { rules: BY_REPLICA, metric: /^k6_/, reason: 'what clients see is of no replica' },
  { rules: BY_REPLICA, metric: /^probe_/, reason: 'the probe asks whichever replica it gets' },
  {
    rules: ['target-job', 'target-instance', 'template-job', 'template-instance'],
    dashboards: [DASHBOARDS.alerts],
    reason: 'it is about all that is watched and what watches it',
  },
  {
    rules: ['target-instance', 'template-instance'],
    dashboards: [DASHBOARDS.slo],
    reason: 'an objective is of the service as a whole',
  },
  {
    rules: ['target-rate-interval', 'target-counter-agg'],
    dashboards: [DASHBOARDS.slo],
    place: /^Budget left/,
    reason: 'an error budget is of its own period, whatever range is shown',
  },
  { rules: ['panel-min'], place: /^Budget left/, reason: 'a budget may be overspent' },
]

const isExcepted = (problem: Problem) => EXCEPTIONS.some(exception => holds(exception, problem))

/** Whether an exception is of a problem. */
export const holds = ({ rules, dashboards, place, metric }: Exception, problem: Problem) =>
  rules.includes(problem.rule) &&
  (dashboards?.includes(problem.dashboard) ?? true) &&
  (place?.test(problem.place) ?? true) &&
  (metric?.test(problem.metric) ?? true)

/** Every series that dashboards may name. */
const KNOWN = new Set<string>([
  ...Object.values(catalogue).flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...[EXPORTERS, CLUSTER_METRICS, LOAD_METRICS, OWN_METRICS].flatMap(names => Object.values<string>(names)),
  ...sloRecordingRules().map(({ record }) => record),
])

/** Counters, and the series of histograms, which are counters, too. */
const COUNTER = /_(total|bucket|sum|count)$/

/** What a dashboard does wrong, a line each: the rules of Grafana's dashboard-linter by their names, and some of our own. */
export const lint = (dashboard: Dashboard): string[] =>
  problemsOf(dashboard)
    .filter(problem => !isExcepted(problem))
    .map(({ rule, place, metric }) => [rule, place, metric].filter(Boolean).join(': '))

/** Every rule that a dashboard breaks, also where that is right. */
export function problemsOf(dashboard: Dashboard): Problem[] {
  const problems: Problem[] = []
  const demand = (fine: boolean, rule: string, place = '', metric = '') => {
    if (!fine) problems.push({ rule, dashboard: dashboard.uid ?? '', place, metric })
  }

  demand(dashboard.editable === false, 'uneditable-dashboard')
  demand(dashboard.schemaVersion >= 38 && !('apiVersion' in dashboard) && dashboard.id == null, 'classic-json')
  demand(JSON.stringify(dashboard).length < 2 ** 20, 'fits-a-config-map') // 1 MiB, the limit of Kubernetes

  const [datasource, ...variables] = dashboard.templating.list ?? []
  demand(isDatasource(datasource), 'template-datasource')
  demand(!variables.some(({ type }) => type === 'datasource'), 'template-datasource', 'there is more than one')
  for (const name of ['job', 'instance'])
    demand(
      variables.some(variable => variable.name === name),
      `template-${name}`,
    )
  for (const variable of variables) {
    const { name, query, refresh } = variable
    demand(isChoice(variable), `template-${name}`, 'not as it should be')
    demand(refresh === VariableRefresh.OnTimeRangeChanged, 'template-on-time-change-reload', name)
    const [, selector = ''] = /^label_values\((.+), \w+\)$/.exec(`${query}`) ?? []
    const [series] = selectorsOf(selector)
    demand(series !== undefined && KNOWN.has(series.metric), 'template-label-promql', name)
  }

  const offered = new Set(['job', 'instance', ...variables.map(({ name }) => name)])
  const ask = ({ expr = '', instant }: Target, place: string, choices: ReadonlySet<string>) => {
    demand(!/\bvector\s*\(/.test(expr), 'target-no-vector', place) // it hides that the series that was meant is missing
    for (const selector of selectorsOf(expr))
      for (const rule of faultsOf(selector, instant === true, choices)) demand(false, rule, place, selector.metric)
  }
  for (const panel of panelsOf(dashboard)) {
    const { title = '', description, datasource, fieldConfig, targets = [] } = panel
    demand(title !== '' && /^[A-Zk].{40,}\.$/.test(description ?? ''), 'panel-title-description', title)
    demand(datasource?.uid === '$datasource', 'panel-datasource', title)
    demand(Boolean(fieldConfig?.defaults.unit), 'panel-units', title)
    demand(fieldConfig?.defaults.min === 0, 'panel-min', title)
    demand(targets.length > 0, 'panel-no-targets', title)
    demand(new Set((targets as Target[]).map(({ refId }) => refId)).size === targets.length, 'target-ref-id', title)
    for (const target of targets as Target[]) {
      demand(Boolean(target.legendFormat), 'target-legend', title)
      ask(target, title, offered)
    }
  }
  for (const { name, datasource, expr } of dashboard.annotations.list ?? []) {
    demand(datasource?.uid === '$datasource', 'panel-datasource', name)
    ask({ expr: expr ?? '' }, name, new Set()) // they mark every dashboard alike, whatever is chosen on it
  }
  demand((dashboard.annotations.list ?? []).length > 0, 'annotations')
  for (const [rule, place] of layoutFaults(dashboard)) demand(false, rule, place)
  return problems
}

const isDatasource = (variable?: VariableModel) =>
  variable?.type === 'datasource' &&
  variable.name === 'datasource' &&
  variable.label === 'Data Source' &&
  variable.query === 'prometheus'

const isChoice = ({ type, name, label, datasource, multi, allValue }: VariableModel) =>
  type === 'query' &&
  name in CHOICES &&
  label === CHOICES[name as keyof typeof CHOICES] &&
  datasource?.uid === '$datasource' &&
  multi === true &&
  allValue === allOf(name as keyof typeof CHOICES)

/** The names of the rules that a selector breaks. A choice that is offered and not heeded would mislead. */
function faultsOf({ metric, matchers, range, within = '' }: Selector, instant: boolean, offered: ReadonlySet<string>) {
  const isRate = within === 'rate' || within === 'irate'
  // a figure about the whole range that is shown
  const isWholeRange = instant && range === '$__range' && (within === 'increase' || within.endsWith('_over_time'))
  const rules = {
    'target-known-metric': KNOWN.has(metric),
    'target-rate-interval': range === undefined || isWholeRange || (isRate && range === '$__rate_interval'),
    'target-counter-agg': !COUNTER.test(metric) || isRate || within === 'increase' || within === 'count', // of series
    ...Object.fromEntries([...offered].map(label => [`target-${label}`, matchers[label] === `=~"$${label}"`])),
  }
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

/** Ids and places: of 24 columns, a panel takes at least 6, and none covers another. */
function layoutFaults({ panels = [] }: Dashboard): [rule: string, place: string][] {
  const ids = new Set(panels.map(({ id }) => id))
  const faults: [string, string][] =
    ids.size === panels.length && !ids.has(undefined) ? [] : [['panel-ids', 'one is missing, or there twice']]
  const places = panels.map(({ gridPos, title = '' }) => ({ title, ...(gridPos ?? { x: 0, y: 0, w: 0, h: 0 }) }))
  for (const [index, a] of places.entries()) {
    if (a.w < 6 || a.h < 1 || a.x + a.w > 24) faults.push(['panel-size', a.title])
    const covered = places
      .slice(0, index)
      .find(b => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
    if (covered) faults.push(['panel-overlap', a.title])
  }
  return faults
}

import type { GraphFieldConfig, TableFieldOptions } from '@grafana/grafana-foundation-sdk/common'
import {
  type AnnotationQuery,
  type Dashboard,
  type DashboardLink,
  type Panel,
  VariableHide,
  type VariableModel,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { BytesPerSecondIEC, CountsPerMinute, CountsPerSecond, Short } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { OWN } from '../own-monitoring.ts'
import { interpolate, nodesOf, selectorsOf, type VectorSelector } from '../promql.ts'
import { DASHBOARDS } from '../rule.ts'
import { sloRecordingRules } from '../rules/slo-rules.ts'
import { CLUSTER_METRICS, EXPORTERS, LOAD_METRICS, OWN_METRICS } from '../targets.ts'
import { allValueOf, CLUSTER_LABELS, LABEL_NAMES } from './dashboard-variables.ts'
import { isRow, type PanelTarget, panelsOf, platformsOf } from './panel-queries.ts'
import { COUNT, OWN_LABELS } from './panels.ts'

/** A broken rule, and where. */
interface Problem {
  readonly rule: string
  /** Title of the panel, or name of the variable or annotation. */
  readonly place?: string | undefined
  readonly metric?: string | undefined
}

/** Where rules do not hold. A criterion that is left out matches everything. */
interface LintException {
  readonly rules: readonly string[]
  /** Uid of the dashboard. */
  readonly dashboard?: string
  readonly places?: readonly string[]
  /** Prefixes of metrics' names. */
  readonly metrics?: readonly string[]
  readonly reason: string
}

const BY_REPLICA = ['target-job', 'target-namespace', 'target-pod', 'target-instance']
const BUDGETS = ['Budget left, availability', 'Budget left, latency']

/** All exceptions. A test fails if one is not needed. */
export const EXCEPTIONS: readonly LintException[] = [
  { rules: BY_REPLICA, metrics: ['node_'], reason: 'a node is not a replica; dashboards of replicas show all nodes' },
  { rules: BY_REPLICA, metrics: ['ALERTS'], reason: 'alerts are about every job' },
  { rules: BY_REPLICA, metrics: ['k6_'], reason: 'k6 measures all replicas together' },
  { rules: BY_REPLICA, metrics: ['probe_'], reason: 'the probe reaches any replica' },
  { rules: ['target-pod'], metrics: ['kube_deployment_'], reason: 'a Deployment has all pods' },
  {
    rules: ['target-job', 'target-instance'],
    metrics: ['kube_', 'container_'],
    reason: "the cluster's metrics name pods; their job and instance are those of the exporter",
  },
  {
    rules: BY_REPLICA,
    metrics: ['container_network_'],
    dashboard: DASHBOARDS.node,
    reason: "cAdvisor's metrics of the node's network do not have the job and instance of node_exporter",
  },
  {
    rules: ['target-job', 'target-instance', 'template-job', 'template-instance'],
    dashboard: DASHBOARDS.alerts,
    reason: 'the dashboard is about all jobs',
  },
  {
    rules: ['target-instance', 'template-instance'],
    dashboard: DASHBOARDS.slo,
    reason: 'an objective is about the service as a whole',
  },
  {
    rules: ['target-rate-interval', 'target-counter-agg'],
    places: BUDGETS,
    reason: 'an error budget has a period of its own, whatever the time range',
  },
  { rules: ['panel-min'], places: BUDGETS, reason: 'a budget may be overspent' },
]

/** Whether an exception covers a problem of a dashboard. */
export const covers = (exception: LintException, { rule, place = '', metric = '' }: Problem, { uid }: Dashboard) =>
  exception.rules.includes(rule) &&
  (exception.dashboard ?? uid) === uid &&
  (exception.places?.includes(place) ?? true) &&
  (exception.metrics?.some(prefix => metric.startsWith(prefix)) ?? true)

/** Every metric that dashboards may name. */
const KNOWN = new Set<string>([
  ...Object.values({ ...catalogue, ...OWN.catalogue }).flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...[EXPORTERS, CLUSTER_METRICS, LOAD_METRICS, OWN_METRICS].flatMap(names => Object.values<string>(names)),
  ...sloRecordingRules().map(({ record }) => record),
])

/** Names of counters, and of the series of histograms, which are counters, too. */
const COUNTER = /_(total|bucket|sum|count)$/

/** Literal durations in place of Grafana's variables, so that expressions can be parsed. No panel uses them. */
const DURATIONS = { __rate_interval: '101s', __range: '103s', __interval: '107s' } as const

/**
 * The rules that a dashboard breaks, one line each: those of Grafana's dashboard-linter by their names, and some of
 * this project. Exceptions are left out.
 * @throws Error if a query cannot be parsed
 */
export const lint = (dashboard: Dashboard): string[] =>
  problemsOf(dashboard)
    .filter(problem => !EXCEPTIONS.some(exception => covers(exception, problem, dashboard)))
    .map(({ rule, place, metric }) => [rule, place, metric].filter(Boolean).join(': '))

/** Every rule that a dashboard breaks, exceptions included. */
export function problemsOf(dashboard: Dashboard): Problem[] {
  const { list: variables = [] } = dashboard.templating
  const { list: annotations = [] } = dashboard.annotations
  const labels = new Set(['job', 'instance', ...variables.filter(isQuery).map(({ name }) => name)])
  return [
    ...broken({
      'uneditable-dashboard': dashboard.editable === false,
      'classic-json': dashboard.schemaVersion >= 38 && !('apiVersion' in dashboard) && dashboard.id == null,
      'fits-a-config-map': JSON.stringify(dashboard).length < 2 ** 20, // Kubernetes' limit of 1 MiB
      'template-datasource': isDatasource(variables[0]),
      'template-datasource: there is more than one': variables.filter(isDatasourceType).length <= 1,
      'template-job': variables.some(({ name }) => name === 'job'),
      'template-instance': variables.some(({ name }) => name === 'instance'),
      annotations: annotations.length > 0,
    }),
    ...variables.slice(1).flatMap(variableProblems),
    ...panelsOf(dashboard).flatMap(panel => panelProblems(panel, labels)),
    ...annotations.flatMap(annotationProblems),
    ...(dashboard.links ?? []).flatMap(linkProblems),
    ...layoutProblems(dashboard),
  ]
}

/** The rules whose value is false, as problems. */
const broken = (rules: Readonly<Record<string, boolean>>, place?: string, metric?: string): Problem[] =>
  Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [{ rule, place, metric }]))

const isDatasourceType = ({ type }: VariableModel) => type === 'datasource'
const isQuery = ({ type }: VariableModel) => type === 'query'

const isDatasource = (variable?: VariableModel) =>
  variable?.type === 'datasource' &&
  variable.name === 'datasource' &&
  variable.label === 'Data Source' &&
  variable.query === 'prometheus'

function variableProblems(variable: VariableModel): Problem[] {
  const { name, query, refresh } = variable
  // label_values is a function of Grafana, not of PromQL
  const series = /^label_values\((.+), \w+\)$/.exec(`${query}`)?.[1]
  return broken(
    {
      [`template-${name}`]: isLabelVariable(variable),
      'template-empty': !CLUSTER_LABELS.includes(name) || variable.hide === VariableHide.InControlsMenu,
      'template-on-time-change-reload': refresh === VariableRefresh.OnTimeRangeChanged,
      'template-label-promql': series !== undefined && selectorsOf(series).every(({ metric }) => KNOWN.has(metric)),
    },
    name,
  )
}

/** Grafana 12.3 shows no link to dashboards that is placed in the menu. */
const linkProblems = ({ title, type, placement, asDropdown }: DashboardLink) =>
  broken({ 'link-in-sight': placement === undefined, 'link-dropdown': type !== 'dashboards' || asDropdown }, title)

const isLabelVariable = ({ type, name, label, datasource, multi, allValue }: VariableModel) =>
  type === 'query' &&
  name in LABEL_NAMES &&
  label === LABEL_NAMES[name as keyof typeof LABEL_NAMES] &&
  datasource?.uid === '$datasource' &&
  multi === true &&
  allValue === allValueOf(name as keyof typeof LABEL_NAMES)

function panelProblems(panel: Panel, labels: ReadonlySet<string>): Problem[] {
  const { title = '', description = '', datasource, fieldConfig } = panel
  const targets = (panel.targets ?? []) as PanelTarget[]
  return [
    ...broken(
      {
        'panel-title-description': title !== '' && /^[A-Zk].{40,}\.$/.test(description),
        'panel-datasource': datasource?.uid === '$datasource',
        'panel-units': Boolean(fieldConfig?.defaults.unit),
        'panel-min': fieldConfig?.defaults.min === 0,
        'panel-no-targets': targets.length > 0,
        'target-ref-id': new Set(targets.map(({ refId }) => refId)).size === targets.length,
        'target-legend': targets.every(({ legendFormat }) => Boolean(legendFormat)),
      },
      title,
    ),
    ...targets.flatMap(target => targetProblems(target, title, labels)),
    ...broken(pageRules(panel, targets), title),
  ]
}

/** Units that do not say what is counted, or that write a count with a fraction. */
const VAGUE_UNITS: readonly string[] = [CountsPerSecond, CountsPerMinute, Short]

/** Width in pixels of a table on a phone of 390 px. It should show three columns; the others are scrolled to. */
const PHONE = 342

/** Grafana's own minimum width of a column of a table, in pixels. */
const DEFAULT_COLUMN = 150

/** Whether a panel reads well on the page, in a healthy state, too. */
function pageRules(
  { type, title = '', gridPos, fieldConfig, options, links = [] }: Panel,
  targets: readonly PanelTarget[],
) {
  const { unit = '', decimals, max, noValue, thresholds, custom = {} } = fieldConfig?.defaults ?? {}
  const { axisSoftMax, thresholdsStyle } = custom as GraphFieldConfig
  const { minWidth } = custom as TableFieldOptions
  const isMinimum = thresholds?.steps[0]?.color === 'red'
  const isGraph = type === 'timeseries'
  const isTable = type === 'table'
  const hidesZeros = fieldConfig?.overrides.some(({ matcher }) => matcher.id === 'byValue')
  const isOwn = targets.some(({ legendFormat = '' }) => OWN_LABELS.some(label => legendFormat.includes(label)))
  const compares = ({ expr = '' }: PanelTarget) => nodesOf(interpolate(expr, DURATIONS), 'Gtr').length > 0
  return {
    // without it, an axis of zeros reaches to 100, or to 10000 %
    'panel-soft-max': !isGraph || (max ?? axisSoftMax) != null,
    // some bytes of a node at rest would look like a load
    'panel-soft-max-bytes': unit !== BytesPerSecondIEC || Number(axisSoftMax) >= 2 ** 20,
    // a healthy count is at its minimum, and its line would be under the dashes
    'panel-minimum-count': !isGraph || unit !== COUNT || !isMinimum || thresholdsStyle?.mode === 'off',
    'panel-unit-words': !VAGUE_UNITS.includes(unit),
    'panel-whole-numbers': unit !== COUNT || decimals === 0,
    'panel-title-width': titleWidth(title, links) <= (gridPos?.w ?? 0) * COLUMN,
    'panel-legend': !isGraph || !isOwn || hidesZeros === true,
    'table-sorted': !isTable || options.sortBy?.length > 0,
    'table-above-zero': !isTable || unit !== COUNT || targets.every(compares),
    'table-narrow': !isTable || (minWidth ?? DEFAULT_COLUMN) <= PHONE / 3,
    'table-empty': !isTable || Boolean(noValue),
  }
}

/** Width in pixels of a column of the grid at 1440 px, with Grafana's menu open. */
const COLUMN = 46

/** Width in pixels of a title with the icons beside it, as measured in Grafana 12.3. */
const titleWidth = (title: string, links: readonly unknown[]) => 6.6 * title.length + (links.length > 0 ? 130 : 98)

/** The variables do not filter annotations. A mark has no length: it is where an alert fires that did not a step before. */
function annotationProblems({ name, datasource, expr = '', hide, placement }: AnnotationQuery): Problem[] {
  const expression = interpolate(expr, DURATIONS)
  const [after, before] = selectorsOf(expression).map(({ metric, matchers }) =>
    JSON.stringify([metric, ...matchers.map(({ name, operator, value }) => [name, operator, value])]),
  )
  const offsets = nodesOf(expression, 'OffsetExpr').length
  return [
    ...broken(
      {
        'panel-datasource': datasource?.uid === '$datasource',
        'annotation-mark': nodesOf(expression, 'Unless').length === 1 && offsets === 1 && after === before,
        'annotation-area': selectorsOf(expression).every(({ matchers }) =>
          matchers.some(({ name }) => name === 'area'),
        ),
        'annotation-switch': hide !== true && placement === undefined,
      },
      name,
    ),
    ...targetProblems({ expr }, name, new Set()),
  ]
}

function targetProblems({ expr = '', instant = false }: PanelTarget, place: string, labels: ReadonlySet<string>) {
  const expression = interpolate(expr, DURATIONS)
  return [
    // vector() hides that a series is missing
    ...broken({ 'target-no-vector': nodesOf(expression, 'Vector').length === 0 }, place),
    ...selectorsOf(expression).flatMap(selector =>
      broken(selectorRules(selector, instant, labels), place, selector.metric),
    ),
  ]
}

/** Whether a selector keeps each rule. It must have a matcher for each label that has a variable. */
function selectorRules(selector: VectorSelector, instant: boolean, labels: ReadonlySet<string>) {
  const { metric, matchers, range, function: within = '' } = selector
  const isRate = within === 'rate' || within === 'irate'
  const isOverTimeRange =
    instant && range === DURATIONS.__range && (within === 'increase' || within.endsWith('_over_time'))
  const isChosen = (label: string) =>
    matchers.some(({ name, operator, value }) => name === label && operator === '=~' && value === `$${label}`)
  return {
    'target-known-metric': KNOWN.has(metric),
    'target-rate-interval': range === undefined || isOverTimeRange || (isRate && range === DURATIONS.__rate_interval),
    // count() counts series, whatever their type
    'target-counter-agg': !COUNTER.test(metric) || isRate || within === 'increase' || within === 'count',
    ...Object.fromEntries([...labels].map(label => [`target-${label}`, isChosen(label)])),
  }
}

/** Height of the first screen at 1440 x 900, in units of the grid. */
const SCREEN = 18

/**
 * Ids must be unique. The panels below each row's title fill lines of 24 columns; those above the first title fit the
 * first screen. What has an answer in a cluster only is in closed rows.
 */
function layoutProblems(dashboard: Dashboard): Problem[] {
  const { panels = [] } = dashboard
  const ids = [...panels, ...panelsOf(dashboard)].map(({ id }) => id)
  const open = panels.flatMap(panel => (isRow(panel) ? [] : [panel]))
  const groups = [open, ...panels.filter(isRow).map(row => row.panels)].filter(group => group.length > 0)
  const firstRow = panels.find(isRow)?.gridPos?.y ?? 0
  const isForClusters = ({ targets = [] }: Panel) =>
    (targets as PanelTarget[]).every(({ expr = '' }) => platformsOf(interpolate(expr, DURATIONS)) === 'kubernetes')
  return [
    ...broken({
      'panel-ids: missing or not unique':
        new Set(ids).size === new Set([...panels, ...panelsOf(dashboard)]).size && !ids.includes(undefined),
      'first-screen': firstRow > 0 && firstRow <= SCREEN,
    }),
    ...open.flatMap(panel => broken({ 'panel-closed-row': !isForClusters(panel) }, panel.title)),
    ...groups.flatMap(lineProblems),
  ]
}

/** Panels of one line have the same height, and no hole between them. */
const lineProblems = (group: readonly Panel[]) =>
  [...Map.groupBy(group, ({ gridPos }) => gridPos?.y ?? 0).values()].flatMap(line => {
    const ends = line.map(({ gridPos }) => (gridPos?.x ?? 0) + (gridPos?.w ?? 0))
    const touch = line.every(({ gridPos }, index) => gridPos?.x === (ends[index - 1] ?? 0))
    const heights = new Set(line.map(({ gridPos }) => gridPos?.h))
    return broken({ 'grid-hole': touch && ends.at(-1) === 24 && heights.size === 1 }, line[0]?.title)
  })

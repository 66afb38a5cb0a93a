import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Duration } from '../profiles.ts'
import { interpolate, selectorsOf } from '../promql.ts'
import { CLUSTER_METRICS } from '../targets.ts'

/** A query of a panel, with its variables replaced. */
export interface PanelQuery {
  /** The dashboard's uid. */
  readonly dashboard: string
  readonly panel: number
  readonly title: string
  readonly refId: string
  readonly legend: string
  readonly expr: string
  /** Whether the query is an instant query. Otherwise it is a range query. */
  readonly instant: boolean
  /** Unit of the values, by Grafana's identifiers. */
  readonly unit: string
  readonly mayBeNegative: boolean
  /** Whether a healthy service may give no series: the panel says what that means. */
  readonly mayBeEmpty: boolean
  /** Where the query has an answer: the metrics of the cluster exist on Kubernetes only. */
  readonly platforms: 'all' | 'kubernetes'
}

/** Values of Grafana's `$__rate_interval` and `$__range`. */
interface TimeVariables {
  readonly rateInterval: Duration
  readonly range: Duration
}

/** A query of a panel as it is in the JSON. */
export type PanelTarget = Partial<Dataquery>

/** The panels of a dashboard without the rows; those in collapsed rows included. */
export const panelsOf = ({ panels = [] }: Dashboard): Panel[] =>
  panels.flatMap(panel => (isRow(panel) ? panel.panels : [panel]))

export const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

/**
 * Every query of every panel of a dashboard, with the variables as they are when the dashboard is opened.
 * @throws Error if a query has no PromQL, or PromQL that cannot be parsed
 */
export function queriesOf(
  dashboard: Dashboard,
  { rateInterval, range }: TimeVariables = { rateInterval: '1m', range: '15m' },
): PanelQuery[] {
  const values: Record<string, string> = { __rate_interval: rateInterval, __range: range }
  for (const { name, type, current, allValue } of dashboard.templating.list ?? [])
    if (type === 'query') values[name] = `${current?.value}` === '$__all' ? (allValue ?? '') : `${current?.value}`

  return panelsOf(dashboard).flatMap(({ id = 0, title = '', fieldConfig, targets = [] }) =>
    (targets as PanelTarget[]).map(({ refId = '', legendFormat = '', expr: template, instant = false }) => {
      if (typeof template !== 'string') throw new Error(`Panel "${title}" has a query without PromQL`)
      const expr = interpolate(template, values)
      return {
        dashboard: dashboard.uid ?? '',
        panel: id,
        title,
        refId,
        legend: legendFormat,
        expr,
        instant,
        unit: fieldConfig?.defaults.unit ?? '',
        mayBeNegative: fieldConfig?.defaults.min === undefined,
        mayBeEmpty: fieldConfig?.defaults.noValue !== undefined,
        platforms: platformsOf(expr),
      }
    }),
  )
}

const ONLY_KUBERNETES = new Set<string>(Object.values(CLUSTER_METRICS))

/** Where a query has an answer. Decided by the first selector: what follows an `or` is for platforms without the first metric. */
export function platformsOf(expr: string): PanelQuery['platforms'] {
  const [first] = selectorsOf(expr)
  return first !== undefined && ONLY_KUBERNETES.has(first.metric) ? 'kubernetes' : 'all'
}

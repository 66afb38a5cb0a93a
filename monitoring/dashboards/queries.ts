import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Duration } from '../profiles.ts'
import { CLUSTER_METRICS } from '../targets.ts'
import { selectorsOf } from './selectors.ts'

/** A query of a panel, as Prometheus takes it. */
export interface PanelQuery {
  /** The dashboard's uid. */
  readonly dashboard: string
  readonly panel: number
  readonly title: string
  readonly refId: string
  readonly legend: string
  readonly expr: string
  /** Whether its last value is asked for, and not each over the range. */
  readonly instant: boolean
  /** Of its values, by Grafana's names. */
  readonly unit: string
  /** Whether less than nothing is a value, too. */
  readonly negative: boolean
  /** Where it has an answer: what a cluster tells has none without one. */
  readonly platforms: 'all' | 'kubernetes'
}

/** What Grafana would fill in: the window of rates (at least four scrapes), and the range that is shown. */
interface Windows {
  readonly window: Duration
  readonly range: Duration
}

/** The panels of a dashboard, those in collapsed rows too, without the rows. */
export const panelsOf = ({ panels = [] }: Dashboard): Panel[] =>
  panels.flatMap(panel => (isRow(panel) ? panel.panels : [panel]))

/** A query as it is in a panel, as far as it is used. */
export interface Target {
  readonly refId?: string
  readonly legendFormat?: string
  readonly expr?: string
  readonly instant?: boolean
}

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

/** Every query of every panel of a dashboard, with its variables filled in as they are when it is opened. */
export function queriesOf(dashboard: Dashboard, windows: Windows = { window: '1m', range: '15m' }): PanelQuery[] {
  const values: Record<string, string> = { __rate_interval: windows.window, __range: windows.range }
  for (const { name, type, current, allValue } of dashboard.templating.list ?? [])
    if (type === 'query') values[name] = `${current?.value}` === '$__all' ? (allValue ?? '') : `${current?.value}`
  // as Grafana does: what is no variable, such as ${1}, stays
  const fill = (expr: string) => expr.replace(/\$(\w+)/g, (text, name: string) => values[name] ?? text)

  return panelsOf(dashboard).flatMap(({ id = 0, title = '', fieldConfig, targets = [] }) =>
    targets.map(target => {
      const { refId = '', legendFormat = '', expr, instant = false } = target as Target
      if (typeof expr !== 'string') throw new Error(`"${title}" has a query without PromQL`)
      return {
        ...{ dashboard: dashboard.uid ?? '', panel: id, title, refId, expr: fill(expr) },
        ...{ legend: legendFormat, instant },
        unit: fieldConfig?.defaults.unit ?? '',
        negative: fieldConfig?.defaults.min === undefined,
        platforms: platformsOf(expr),
      }
    }),
  )
}

const OF_CLUSTERS = new Set<string>(Object.values(CLUSTER_METRICS))

/** By what it asks for first; what comes after an `or` is for where that is not there. */
function platformsOf(expr: string): PanelQuery['platforms'] {
  const [first] = selectorsOf(expr)
  return first !== undefined && OF_CLUSTERS.has(first.metric) ? 'kubernetes' : 'all'
}

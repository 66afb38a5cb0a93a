import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Duration } from '../profiles.ts'
import { CLUSTER_JOBS, JOBS } from '../targets.ts'

/** A query of a panel, as Prometheus takes it. */
export interface PanelQuery {
  /** Dashboard and panel, as `uid/id`. */
  readonly panel: string
  readonly title: string
  readonly refId: string
  readonly expr: string
  /** Where it has an answer: what selects a job of the cluster has none without one. */
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

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

/** Every query of every panel of a dashboard, with its variables filled in as they are when it is opened. */
export function queriesOf(dashboard: Dashboard, windows: Windows = { window: '1m', range: '15m' }): PanelQuery[] {
  const values: Record<string, string> = {
    __rate_interval: windows.window,
    __range: windows.range,
    job: JOBS.service,
    instance: '.+',
  }
  // as Grafana does: what is no variable, such as ${1}, stays
  const fill = (expr: string) => expr.replace(/\$(\w+)/g, (text, name: string) => values[name] ?? text)

  return panelsOf(dashboard).flatMap(({ id, title = '', targets = [] }) =>
    targets.map(target => {
      const { refId = '', expr } = target as { refId?: string; expr?: unknown }
      if (typeof expr !== 'string') throw new Error(`"${title}" has a query without PromQL`)
      return { panel: `${dashboard.uid}/${id}`, title, refId, expr: fill(expr), platforms: platformsOf(expr) }
    }),
  )
}

const platformsOf = (expr: string) =>
  Object.values(CLUSTER_JOBS).some(job => expr.includes(`job="${job}"`)) ? 'kubernetes' : 'all'

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PROMETHEUS, select } from '../rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS, OWN_METRICS } from '../targets.ts'
import { addVariables, DATASOURCE, type Variables } from './dashboard-variables.ts'

/** What differs between dashboards. */
interface DashboardContent {
  readonly uid: string
  readonly title: string
  /** The questions that the dashboard answers, in one sentence. */
  readonly description: string
  /** Begin of the time range when the dashboard is opened. Default: 15 minutes ago, before a drill began. */
  readonly from?: string
  readonly variables?: Variables
  /** Panels by the title of their row, the most urgent first: a phone shows them below each other in this order. */
  readonly rows: Readonly<Record<string, readonly (() => Builder<Panel>)[]>>
}

/** The tag by which the dashboards link to each other. */
const TAG = 'tipping-point'

const up = select(EXPORTERS.up, { job: JOBS.service })
const firing = select(OWN_METRICS.alerts, { alertstate: 'firing', alertname: '!=Watchdog' })

/** Annotations on every graph, for as long as their expressions have a value. `labels` are shown with the title. */
const ANNOTATIONS = [
  { name: 'Alerts', color: 'red', expr: firing, title: '{{alertname}}', labels: 'severity,area' },
  { name: 'Load', color: 'blue', expr: `sum(${LOAD_METRICS.clients}) > 0`, title: 'load by k6', labels: '' },
  // for one minute after a scaling
  {
    name: 'Scale',
    color: 'green',
    expr: `sum(${up}) - sum(${up} offset 1m) != 0`,
    title: 'replicas changed',
    labels: '',
  },
].map(({ name, color, expr, title, labels }) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('5s')
    .titleFormat(title)
    .tagKeys(labels),
)

/** A dashboard in Grafana's Classic JSON, with links to the other dashboards and {@link ANNOTATIONS}. */
export function dashboard({ uid, title, description, from = 'now-15m', variables, rows }: DashboardContent): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .time({ from, to: 'now' })
    .timezone('browser')
    .refresh('10s') // two scrape intervals of the drill profile
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .annotations(ANNOTATIONS)
    .links([
      new DashboardLinkBuilder('Tipping Point')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(false), // the job of the nodes is not a job of the service
      new DashboardLinkBuilder('Prometheus').type(DashboardLinkType.Link).url(`${PROMETHEUS}/alerts`).targetBlank(true),
    ])
  addVariables(builder, variables)
  for (const [row, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(row))
    for (const panel of panels) builder.withPanel(panel())
  }
  const built = builder.build()
  // the same ids in every Grafana, so that a link to a panel stays right
  for (const [index, panel] of built.panels?.entries() ?? []) panel.id = index + 1
  return built
}

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
import { PROMETHEUS } from '../rule.ts'
import { events } from './expressions/watch.ts'
import { type Choices, DATASOURCE, withVariables } from './variables.ts'

/** What one dashboard says; all else is the same in each. */
export interface Contents {
  readonly uid: string
  readonly title: string
  /** What it answers, in a sentence. */
  readonly description: string
  /** Begin of the range that it shows at first. */
  readonly from?: string
  readonly choices?: Choices
  /** Its panels by the title of their row, the worst news first: on a phone each is as wide as the page, in this order. */
  readonly rows: Readonly<Record<string, readonly Builder<Panel>[]>>
}

/** The tag by which dashboards find each other. */
const TAG = 'tipping-point'

/** A dashboard in Grafana's Classic JSON, with links to the others and marks of what happened. */
export function dashboard({ uid, title, description, from = 'now-15m', choices, rows }: Contents): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .time({ from, to: 'now' }) // at first a drill, and what went before
    .timezone('browser')
    .refresh('10s') // two scrapes of a drill: as fresh as it gets, at half the queries
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .annotations([
      mark('Alerts', 'red', events.alert, '{{alertname}}', 'severity,area'),
      mark('Load', 'blue', events.load, 'load by k6'),
      mark('Scale', 'green', events.scale, 'replicas changed'),
    ])
    .links([
      new DashboardLinkBuilder('Tipping Point')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(false), // a job of nodes is none of the service
      new DashboardLinkBuilder('Prometheus').type(DashboardLinkType.Link).url(`${PROMETHEUS}/alerts`).targetBlank(true),
    ])
  withVariables(builder, choices)
  for (const [row, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(row))
    for (const panel of panels) builder.withPanel(panel)
  }
  return numbered(builder.build())
}

/** A mark on every graph for as long as an expression has a value. */
const mark = (name: string, color: string, expr: string, title: string, labels = '') =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('5s')
    .titleFormat(title)
    .tagKeys(labels)

/** Gives the panels their ids, in order: a link to a panel then means the same panel in every Grafana. */
function numbered(dashboard: Dashboard): Dashboard {
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1
  })
  return dashboard
}

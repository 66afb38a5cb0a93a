import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { type Alert, select } from '../rule.ts'
import { OWN_METRICS } from '../targets.ts'
import { addVariables, DATASOURCE, type Variables } from './dashboard-variables.ts'
import type { AnyPanel } from './panels.ts'

/** Panels of one height, below each other. Those of a line share its width equally, so that no line has a hole. */
type Lines = readonly (readonly (() => AnyPanel)[])[]

/** What differs between dashboards. */
interface DashboardContent {
  readonly uid: string
  readonly title: string
  /** The questions that the dashboard answers, in one sentence. Its first screen, 17 units high, answers them. */
  readonly description: string
  /** Begin of the time range when the dashboard is opened. Default: 15 minutes ago, before a drill began. */
  readonly from?: string
  readonly variables?: Variables
  /** Areas of the alerts whose starts are marked on the graphs. */
  readonly areas: readonly Alert['area'][]
  /**
   * Panels by the title of their row, the most urgent first: a phone shows them below each other in this order. The
   * title of the first panels is empty: they need no row.
   */
  readonly rows: Readonly<Record<string, Lines>>
  /** Panels of rows that are closed when the dashboard is opened, because not every platform has their metrics. */
  readonly closedRows?: Readonly<Record<string, Lines>>
}

/** The tag by which the dashboards link to each other. */
const TAG = SERVICE_CONFIG.name

/** Columns of Grafana's grid. */
const COLUMNS = 24

/**
 * One mark for each alert that starts to fire, whatever the number of its instances. No region: the regions of two long
 * alerts would hide every line.
 */
function alertStarts(areas: DashboardContent['areas']) {
  const matchers = { alertstate: 'firing', alertname: '!=Watchdog', area: `=~${areas.join('|')}` }
  const firing = select(OWN_METRICS.alerts, matchers)
  const instances = (alerts: string) => `count by (alertname, severity) (${alerts})`
  return new AnnotationQueryBuilder()
    .name('Starts of alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr(`${instances(firing)} unless ${instances(`${firing} offset $__interval`)}`)
    .titleFormat('{{alertname}}')
    .tagKeys('severity')
}

/** A dashboard in Grafana's Classic JSON, with links to the other dashboards and {@link alertStarts}. */
export function dashboard(content: DashboardContent): Dashboard {
  const { uid, title, description, from = 'now-15m', variables, areas, rows, closedRows = {} } = content
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .time({ from, to: 'now' })
    .timezone('browser')
    .refresh('10s') // two scrape intervals of the drill profile
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .annotations([alertStarts(areas)])
    .links([
      new DashboardLinkBuilder('Dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(false), // the job of the nodes is not a job of the service
      new DashboardLinkBuilder('Prometheus')
        .type(DashboardLinkType.Link)
        .url(`${SERVICE_CONFIG.prometheus}/alerts`)
        .targetBlank(true),
    ])
  addVariables(builder, variables)
  for (const [row, lines] of Object.entries(rows)) {
    if (row !== '') builder.withRow(new RowBuilder(row))
    for (const panel of panelsOfLines(lines)) builder.withPanel(panel)
  }
  for (const [row, lines] of Object.entries(closedRows))
    builder.withRow(
      panelsOfLines(lines).reduce((closed, panel) => closed.withPanel(panel), new RowBuilder(row).collapsed(true)),
    )
  const built = builder.build()
  // By default, the SDK moves links and annotations into a menu, in which Grafana 12.3 does not show links to dashboards.
  for (const shown of [...(built.links ?? []), ...(built.annotations.list ?? [])]) delete shown.placement
  // the same ids in every Grafana, so that a link to a panel stays right
  const panels = (built.panels ?? []).flatMap(panel => ('panels' in panel ? [panel, ...panel.panels] : [panel]))
  for (const [index, panel] of panels.entries()) {
    panel.id = index + 1
    if (panel.type === 'state-timeline') panel.options.perPage = 0 // all on one page: the SDK allows no 0
  }
  return built
}

const panelsOfLines = (lines: Lines): AnyPanel[] =>
  lines.flatMap(line => line.map(panel => panel().span(COLUMNS / line.length)))

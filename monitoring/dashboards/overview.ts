import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DASHBOARD } from '../rule.ts'
import { alertPanels } from './rows/alerts.ts'
import { nodePanels } from './rows/node.ts'
import { servicePanels } from './rows/service.ts'
import { withVariables } from './variables.ts'

/** The service, the nodes and the alerts at a glance: what to open when an alert arrives. */
export function overview(): Dashboard {
  const dashboard = new DashboardBuilder('Tipping Point')
    .uid(DASHBOARD)
    .description('Whether the service answers, how fast, and what its nodes have left.')
    .tags(['tipping-point'])
    .time({ from: 'now-15m', to: 'now' }) // a drill and what went before
    .timezone('browser')
    .refresh('10s') // two scrapes of a drill: as fresh as it gets, at half the queries
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
  withVariables(dashboard)

  dashboard.withRow(new RowBuilder('Service'))
  for (const panel of servicePanels()) dashboard.withPanel(panel)
  dashboard.withRow(new RowBuilder('Node'))
  for (const panel of nodePanels()) dashboard.withPanel(panel)
  dashboard.withRow(new RowBuilder('Alerts'))
  for (const panel of alertPanels()) dashboard.withPanel(panel)

  return numbered(dashboard.build())
}

/** Gives the panels their ids, in order: a link to a panel then means the same panel in every Grafana. */
function numbered(dashboard: Dashboard): Dashboard {
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1
  })
  return dashboard
}

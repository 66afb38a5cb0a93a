import { DASHBOARDS } from '../rule.ts'
import * as alerts from './content/alerts.ts'
import { dashboard } from './dashboard.ts'

/** The alerts over time, and whether they would arrive. */
export const alertsDashboard = () =>
  dashboard({
    uid: DASHBOARDS.alerts,
    title: 'Tipping Point: alerts',
    description: 'What fires and fired, when each alert was last seen to work, and whether they arrive.',
    from: 'now-1h',
    rows: {
      State: [alerts.timeline(), alerts.firing(), alerts.lastActive()],
      'On the way': [alerts.delivered(), alerts.failing(), alerts.targets()],
    },
  })

import { alertStates } from '../expressions.ts'
import { alertTimeline } from '../panels.ts'

/** What fires, and since when. */
export const alertPanels = () => [
  alertTimeline({
    title: 'Alerts',
    description:
      'Orange is pending, red is firing; each has a runbook, linked from its notification. Watchdog must always be green: where it is missing, no alert can arrive.',
    queries: { '{{alertname}}': alertStates },
    calm: 'Watchdog',
    width: 24,
  }),
]

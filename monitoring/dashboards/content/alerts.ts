import { CountsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { watch } from '../expressions/watch.ts'
import { alertTimeline, bars, graph, upTimeline } from '../panels.ts'

export const timeline = () =>
  alertTimeline({
    title: 'Alerts',
    description:
      'Orange is pending, red is firing; each has a runbook, linked from its notification. Watchdog must always be green: where it is missing, no alert can arrive.',
    queries: { '{{alertname}}': watch.states },
    calm: 'Watchdog',
    width: 24,
  })

export const firing = () =>
  bars({
    title: 'Firing',
    description:
      'Alerts that fire at the end of the range, by severity: critical is for now, warning for working hours. The one of severity none is Watchdog, and must be there.',
    unit: Short,
    queries: { '{{severity}}': watch.firing },
    width: 8,
  })

export const lastActive = () =>
  bars({
    title: 'Last seen to be active',
    description:
      'How long ago each alert last became pending or firing, of those that did in the range. Widen it to your last drill: an alert that is not here was not seen to work since.',
    unit: Seconds,
    queries: { '{{alertname}}': watch.lastActive },
    width: 16,
  })

export const delivered = () =>
  bars({
    title: 'Notifications sent',
    description:
      'Notifications that Alertmanager sent in the range, by where to. Watchdog alone is one in its interval; none at all, and nobody is told of anything.',
    unit: Short,
    queries: { '{{integration}}': watch.delivered },
    width: 8,
  })

export const failing = () =>
  graph({
    title: 'What fails on the way',
    description:
      'Failures a second: rules that cannot be evaluated, notifications that do not reach Alertmanager or its receivers. RuleFailures and NotificationsFailing tell of any.',
    unit: CountsPerSecond,
    queries: {
      rules: watch.failed.rules,
      'to Alertmanager': watch.failed.toAlertmanager,
      'to receivers': watch.failed.toReceivers,
    },
    width: 16,
  })

export const targets = () =>
  upTimeline({
    title: 'What is scraped',
    description:
      'Whether every target of each job answers. What is red is not watched, and its alerts are silent: TargetDown tells of it, ServiceUnresponsive of a replica of the service.',
    queries: { '{{job}}': watch.targets },
    width: 24,
  })

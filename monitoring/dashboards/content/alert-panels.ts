import { CountsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { select } from '../../rule.ts'
import { EXPORTERS, OPERATOR_JOBS, OWN_METRICS } from '../../targets.ts'
import { alertTimeline, bars, graph, increase, rate, upTimeline } from '../panels.ts'

const firingAlerts = select(OWN_METRICS.alerts, { alertstate: 'firing' })
const pendingAlerts = select(OWN_METRICS.alerts, { alertstate: 'pending' })
const activeSince = select(OWN_METRICS.alertsSince, { alertname: '!=Watchdog' })
const { alertmanager, prometheus } = OPERATOR_JOBS

export const timeline = alertTimeline({
  title: 'Alerts',
  shows: 'State of each alert over time: orange is pending, red is firing, green is Watchdog firing.',
  worry: 'If Watchdog is missing, no notification can arrive.',
  alerts: { Watchdog: 'at all times' },
  // 1 is pending, 2 is firing
  queries: { '{{alertname}}': `max by (alertname) (${pendingAlerts} or 2 * ${firingAlerts})` },
  alwaysFiring: 'Watchdog',
  width: 24,
})

export const firing = bars({
  title: 'Firing alerts',
  shows: 'Number of alerts that fire at the end of the time range, by severity.',
  worry: 'Act on critical alerts now, on warnings in working hours. Severity none is Watchdog, which must be there.',
  unit: Short,
  queries: { '{{severity}}': `count by (severity) (${firingAlerts})` },
})

export const lastActive = bars({
  title: 'Time since last active',
  shows: 'Time since each alert last became pending or firing within the time range.',
  worry: 'After a drill, each drilled alert must be listed. Widen the time range to include your last drill.',
  unit: Seconds,
  queries: {
    '{{alertname}}': `time() - max by (alertname) (max_over_time(${activeSince}[$__range]))`,
  },
  width: 16,
})

export const delivered = bars({
  title: 'Notifications sent',
  shows: 'Number of notifications that Alertmanager sent within the time range, by integration.',
  worry: 'Watchdog alone sends one per repeat interval; if there are none, nobody learns of any alert.',
  unit: Short,
  queries: {
    '{{integration}}': `sum by (integration) (${increase(select(EXPORTERS.notifications, { job: alertmanager }))}) > 0`,
  },
})

export const failing = graph({
  title: 'Alerting failures',
  shows: 'Failed rule evaluations per second, and failed notifications to Alertmanager and to receivers per second.',
  worry: 'All lines should be 0; otherwise alerts may be missing.',
  alerts: { RuleFailures: 'when rules fail', NotificationsFailing: 'when notifications fail' },
  unit: CountsPerSecond,
  queries: {
    rules: `sum(${rate(select(EXPORTERS.ruleFailures, { job: prometheus }))})`,
    'to Alertmanager': `sum(${rate(select(EXPORTERS.notificationErrors, { job: prometheus }))})`,
    'to receivers': `sum(${rate(select(EXPORTERS.notificationsFailed, { job: alertmanager }))})`,
  },
  width: 10,
})

export const alertmanagers = graph({
  title: 'Alertmanagers',
  shows: 'Number of Alertmanagers to which each Prometheus sends its alerts.',
  worry: 'Without an Alertmanager no alert is delivered.',
  unit: Short,
  queries: { '{{instance}}': select(EXPORTERS.alertmanagersDiscovered, { job: prometheus }) },
  bound: { below: 1, alert: 'AlertmanagerMissing' },
  width: 6,
})

export const targets = upTimeline({
  title: 'Scraped targets',
  shows: 'Whether Prometheus can scrape every target of each job: green is all, red is at least one missing.',
  worry: 'While a job is red, alerts on its metrics may not fire.',
  alerts: {
    TargetDown: 'when a monitoring target is down',
    TargetMissing: 'when a job that alerts need has no target, and so no line here',
    ServiceUnresponsive: 'when a replica of the service is down',
  },
  queries: { '{{job}}': `min by (job) (${select(EXPORTERS.up, { job: '!=' })})` },
  width: 24,
})

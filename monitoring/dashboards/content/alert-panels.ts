import { DateTimeFromNow } from '@grafana/grafana-foundation-sdk/units'
import { select } from '../../rule.ts'
import { EXPORTERS, OPERATOR_JOBS, OWN_METRICS } from '../../targets.ts'
import { alertTimeline, COUNT, figure, graph, increase, rate, table, unitOf, upTimeline } from '../panels.ts'

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
})

/** Empty, not 0, without Watchdog: then nobody knows what fires. */
export const firingCount = figure({
  title: 'Alerts firing',
  shows: 'Number of alerts that fire at the end of the time range, without Watchdog.',
  worry: 'Normal is 0; the dashboard of alerts has their names.',
  unit: COUNT,
  queries: { firing: `count(${firingAlerts}) - count(${select(OWN_METRICS.alerts, { alertname: 'Watchdog' })})` },
  bound: { above: 1 },
})

/** The Unix time in milliseconds at which the state of each alert began, with the state as a label. */
function since(): string {
  const by = 'by (alertname, severity)'
  const withState = (state: string, seconds: string) => `label_replace(1000 * ${seconds}, "state", "${state}", "", "")`
  const active = (alerts: string) => `min ${by} (${activeSince} and ignoring (alertstate) ${alerts})`
  const last = `max ${by} (max_over_time(timestamp(${select(OWN_METRICS.alerts, { alertstate: 'firing', alertname: '!=Watchdog' })})[$__range:]))`
  return [
    withState('firing', active(firingAlerts)),
    withState('pending', `(${active(pendingAlerts)} unless ${by.replace('by', 'on')} ${firingAlerts})`),
    withState('resolved', `(${last} unless ${by.replace('by', 'on')} ${OWN_METRICS.alerts})`),
  ].join(' or ')
}

export const states = table({
  title: 'Active alerts, and those that fired',
  shows: 'Each alert that is active or fired within the time range, since when it is so, without Watchdog.',
  worry: 'Act on critical alerts now, on warnings in working hours. After a drill, each drilled alert is listed.',
  unit: DateTimeFromNow,
  columns: { state: 'State', severity: 'Severity', alertname: 'Alert' },
  queries: { Since: since() },
  wide: 'Alert',
  order: ['State', 'Alert', 'Since', 'Severity'],
  sortedBy: ['State', 'Severity'], // firing, pending, resolved; critical, warning
  colors: {
    State: { firing: 'red', pending: 'orange', resolved: 'green' },
    Severity: { critical: 'red', warning: 'orange' },
  },
  empty: 'No alert is active or fired in this time range',
})

const notifications = (metric: string) =>
  `sum by (integration, receiver_name) (${increase(select(metric, { job: alertmanager }))})`
const all = notifications(EXPORTERS.notifications)
const notArrived = notifications(EXPORTERS.notificationsFailed)

export const deliveries = table({
  title: 'Notifications by receiver',
  shows: 'Number of notifications of Alertmanager within the time range that arrived at each receiver, or did not.',
  worry: 'Watchdog alone sends one per repeat interval; if none arrives, nobody learns of any alert.',
  alerts: { NotificationsFailing: 'when notifications fail' },
  unit: COUNT,
  columns: { receiver_name: 'Receiver', integration: 'Integration' },
  queries: {
    Arrived: `round(${all} - ${notArrived}) and ${all} > 0`,
    'Did not arrive': `round(${notArrived}) and ${all} > 0`,
  },
  bound: { above: 1 },
  empty: 'No notification in this time range',
})

export const failing = graph({
  title: 'Alerting failures',
  shows: 'Failed rule evaluations per second, and failed notifications to Alertmanager and to receivers per second.',
  worry: 'All lines should be 0; otherwise alerts may be missing.',
  alerts: { RuleFailures: 'when rules fail', NotificationsFailing: 'when notifications fail' },
  unit: unitOf('failures/s'),
  queries: {
    rules: `sum(${rate(select(EXPORTERS.ruleFailures, { job: prometheus }))})`,
    'to Alertmanager': `sum(${rate(select(EXPORTERS.notificationErrors, { job: prometheus }))})`,
    'to receivers': `sum(${rate(select(EXPORTERS.notificationsFailed, { job: alertmanager }))})`,
  },
})

export const alertmanagers = graph({
  title: 'Alertmanagers',
  shows: 'Number of Alertmanagers to which each Prometheus sends its alerts.',
  worry: 'Without an Alertmanager no alert is delivered.',
  unit: COUNT,
  queries: { '{{instance}}': select(EXPORTERS.alertmanagersDiscovered, { job: prometheus }) },
  bound: { below: 1, alert: 'AlertmanagerMissing' },
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
})

import { select } from '../../rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS, OPERATOR_JOBS, OWN_METRICS } from '../../targets.ts'
import { increase, rate } from './functions.ts'

const { alerts, alertsSince } = OWN_METRICS

/** Every alert but the one that always fires. */
const other = { alertname: '!=Watchdog' }

/** PromQL about the alerts, and about what watches. */
export const watch = {
  /** 1 is pending, 2 is firing. Watchdog always fires, so this is empty only where no alert can arrive. */
  states: `max by (alertname) (${select(alerts, { alertstate: 'pending' })} or 2 * ${select(alerts, { alertstate: 'firing' })})`,
  /** Nothing where none does. */
  firing: `count by (severity) (${select(alerts, { alertstate: 'firing' })})`,
  /** Seconds since each alert last began to be pending or firing, of those that did in the range: its last drill, or worse. */
  lastActive: `time() - max by (alertname) (max_over_time(${select(alertsSince, other)}[$__range]))`,
  delivered: `sum by (integration) (${increase(select(EXPORTERS.notifications, { job: OPERATOR_JOBS.alertmanager }))}) > 0`,
  failed: {
    toAlertmanager: `sum(${rate(select(EXPORTERS.notificationErrors, { job: OPERATOR_JOBS.prometheus }))})`,
    toReceivers: `sum(${rate(select(EXPORTERS.notificationsFailed, { job: OPERATOR_JOBS.alertmanager }))})`,
    rules: `sum(${rate(select(EXPORTERS.ruleFailures, { job: OPERATOR_JOBS.prometheus }))})`,
  },
  targets: `min by (job) (${select(EXPORTERS.up, { job: '!=' })})`,
}

/** What happened, for the marks on every graph: the same labels as everywhere, so that a mark and a series mean one thing. */
export const events = {
  alert: select(alerts, { alertstate: 'firing', ...other }),
  load: `sum(${LOAD_METRICS.clients}) > 0`,
  /** For a minute after it. */
  scale: `sum(${select(EXPORTERS.up, { job: JOBS.service })}) - sum(${select(EXPORTERS.up, { job: JOBS.service })} offset 1m) != 0`,
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { documentUrl, SERVICE_CONFIG } from '../chosen-service.ts'
import type { Duration } from './profiles.ts'

/** A recording rule; `record` is named `level:metric:operations`. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}

/** An alerting rule of this project; {@link alertingRule} writes it as Prometheus reads it. */
export interface Alert {
  readonly name: string
  /** `critical`: act now. `warning`: act in working hours. `none`: proves that alerts are delivered. */
  readonly severity: 'critical' | 'warning' | 'none'
  /** Alerts of one area share a notification. */
  readonly area: string
  readonly expr: string
  readonly for?: Duration
  /** What is wrong, of which kind of object, in one sentence. The same for every instance of the alert. */
  readonly summary: string
  /** The object, the measured value, its bound, for how long, what it means for users, and the first step. */
  readonly description: string
  /**
   * Alerts that are inhibited while this one fires with the same values of the labels `equal`. An alert inhibits only
   * what says the same of the same object.
   */
  readonly inhibits?: readonly Inhibition[]
  /** The dashboard that shows the measured values. */
  readonly dashboard?: keyof typeof DASHBOARDS
}

/** Row of the table of inhibitions: a source alert has one for each set of labels that must be equal. */
interface Inhibition {
  readonly alerts: readonly string[]
  readonly equal: readonly string[]
}

/** An alert without what its group of rules sets. */
export type GroupAlert = Omit<Alert, 'area' | 'dashboard'>

const { name, grafana } = SERVICE_CONFIG

/** The uids of the dashboards. */
export const DASHBOARDS = {
  overview: `${name}-overview`,
  service: `${name}-service`,
  slo: `${name}-slo`,
  node: `${name}-node`,
  load: `${name}-load`,
  alerts: `${name}-alerts`,
} as const

/** Path of an alert's runbook from the root of the repository: among those of the chosen service, else of every service. */
export function runbookPath(alert: string): string {
  const own = `${SERVICE_CONFIG.monitoring?.runbooks}/${alert}.md`
  return existsSync(join(import.meta.dir, '..', own)) ? own : `monitoring/runbooks/${alert}.md`
}

export const runbookUrl = (alert: string) => documentUrl(runbookPath(alert))

/** The alerting rule as Prometheus reads it. */
export const alertingRule = ({ dashboard = 'alerts', ...alert }: Alert) => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.for && { for: alert.for }),
  labels: { severity: alert.severity, area: alert.area },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    runbook_url: runbookUrl(alert.name),
    dashboard_url: `${grafana}/d/${DASHBOARDS[dashboard]}?from=now-1h&to=now`,
  },
})

/** A PromQL vector selector. A label value that starts with an operator (`!=`, `=~`, `!~`) keeps the operator. */
export function select(metric: string, labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([label, value]) => {
    const [, operator = '=', operand = value] = /^(!=|=~|!~)(.*)$/.exec(value) ?? []
    return `${label}${operator}${JSON.stringify(operand)}`
  })
  return `${metric}{${matchers.join(',')}}`
}

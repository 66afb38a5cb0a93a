import type { Duration } from './profiles.ts'

/** A recording rule; `record` is named `level:metric:operations`. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}

/** How soon somebody must look: at once, in working hours, or never (it only proves that alerts arrive). */
type Severity = 'critical' | 'warning' | 'none'

/** Whose incident an alert is part of: what is told together, in one notification. */
type Area = 'service' | 'node' | 'workload' | 'pipeline'

/** An alerting rule, before it is written out. */
export interface Alert {
  readonly name: string
  readonly severity: Severity
  readonly area: Area
  readonly expr: string
  readonly for?: Duration
  /** What is wrong, in a line. */
  readonly summary: string
  /** What users or operators notice, the figure and its bound with their units. */
  readonly description: string
  /** The alerts that are not worth telling while this one fires, where these labels are equal: it says all that they say. */
  readonly inhibits?: { readonly alerts: readonly string[]; readonly equal: readonly string[] }
  /** Where its figures are looked at, if not with the others of its area. */
  readonly dashboard?: keyof typeof DASHBOARDS
}

/** The dashboards by their uids. */
export const DASHBOARDS = {
  overview: 'tipping-point-overview',
  service: 'tipping-point-service',
  slo: 'tipping-point-slo',
  node: 'tipping-point-node',
  load: 'tipping-point-load',
  alerts: 'tipping-point-alerts',
} as const

/** The dashboard that the alerts of an area lead to, where they name no other. */
const DASHBOARD_OF = {
  service: 'service',
  node: 'node',
  workload: 'service',
  pipeline: 'alerts',
} as const satisfies Record<Area, keyof typeof DASHBOARDS>

/** Where Grafana is, as `make forward` and `tilt up` have it: put here where yours is. */
const GRAFANA = 'http://localhost:3001'

/** Where Prometheus is, in the same way. */
export const PROMETHEUS = 'http://localhost:9090'

/** Where the runbooks can be read. `.example` is nobody's (RFC 2606): put here where you publish this repository. */
const RUNBOOKS = 'https://tipping-point.example/monitoring/runbooks'

/** Where the runbook of an alert is. */
export const runbookUrl = (alert: string) => `${RUNBOOKS}/${alert}.md`

/** The alert as Prometheus reads it. */
export function alertingRule(alert: Alert) {
  const { name, severity, area, expr, for: duration, summary, description, dashboard = DASHBOARD_OF[area] } = alert
  return {
    alert: name,
    expr,
    ...(duration === undefined ? {} : { for: duration }),
    labels: { severity, area },
    annotations: {
      summary,
      description,
      runbook_url: runbookUrl(name),
      dashboard_url: `${GRAFANA}/d/${DASHBOARDS[dashboard]}?from=now-1h&to=now`,
    },
  }
}

/** A selector of series: `metric{label="value",…}`. Values that start with an operator (`!=`, `=~`, `!~`) keep it. */
export function select(metric: string, labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([label, value]) => {
    const [, operator = '=', operand = value] = /^(!=|=~|!~)(.*)$/.exec(value) ?? []
    return `${label}${operator}${JSON.stringify(operand)}`
  })
  return `${metric}{${matchers.join(',')}}`
}

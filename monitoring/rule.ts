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
}

/** The dashboard that an alert leads to, by its uid. */
export const DASHBOARD = 'tipping-point-overview'

/** Where Grafana is, as `make forward` and `tilt up` have it: put here where yours is. */
const GRAFANA = 'http://localhost:3001'

/** Where the runbooks can be read. `.example` is nobody's (RFC 2606): put here where you publish this repository. */
const RUNBOOKS = 'https://tipping-point.example/monitoring/runbooks'

/** The alert as Prometheus reads it. */
export function alertingRule({ name, severity, area, expr, for: duration, summary, description }: Alert) {
  return {
    alert: name,
    expr,
    ...(duration === undefined ? {} : { for: duration }),
    labels: { severity, area },
    annotations: {
      summary,
      description,
      runbook_url: `${RUNBOOKS}/${name}.md`,
      dashboard_url: `${GRAFANA}/d/${DASHBOARD}?from=now-1h&to=now`,
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

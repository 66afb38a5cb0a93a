import type { Profile } from '../profiles.ts'
import { type GroupAlert, select } from '../rule.ts'
import { AUTOPILOT_NODES, EXPECTED_JOBS, EXPORTERS, JOBS, OPERATOR_JOBS } from '../targets.ts'

const anyOf = (matchers: readonly string[]) => `=~${matchers.map(matcher => matcher.replace('=~', '')).join('|')}`

/**
 * True where there is a cluster: targets in a cluster have the label `namespace`, also when an exporter has no target.
 */
const IN_CLUSTER = `count(${select(EXPORTERS.up, { job: JOBS.service, namespace: '!=' })})`

/** True where the kubelets that Prometheus scrapes are those of GKE Autopilot. */
const ON_AUTOPILOT = `count(${select(EXPORTERS.up, { job: OPERATOR_JOBS.cadvisor, node: AUTOPILOT_NODES })})`

/** The jobs that have no target, each with its label `job`. */
const missingJobs = EXPECTED_JOBS.map(({ job, matcher, where }) => {
  // absent() gives the label only for an equality matcher, and not for a regular expression.
  const missing = `label_replace(absent(${select(EXPORTERS.up, { job: matcher })}), "job", "${job}", "", "")`
  if (where === 'cluster') return `(${missing} and on () ${IN_CLUSTER})`
  return where === 'readable hosts' ? `(${missing} unless on () ${ON_AUTOPILOT})` : missing
}).join(' or ')

/** Alerts on the monitoring stack itself: without it, the other alerts do not fire or are not delivered. */
export function pipelineAlerts({ window, for: { pipeline: duration } }: Profile): GroupAlert[] {
  const increase = (metric: string, job: string, labels: string) =>
    `sum by (${labels}) (increase(${select(metric, { job })}[${window}])) > 0`
  const { prometheus, alertmanager } = OPERATOR_JOBS

  return [
    {
      name: 'TargetDown',
      severity: 'warning',
      expr: `${select(EXPORTERS.up, { job: anyOf(EXPECTED_JOBS.map(({ matcher }) => matcher)) })} == 0`,
      for: duration,
      summary: 'A monitoring target is down. Alerts based on it cannot fire.',
      description: `Prometheus could not scrape {{ $labels.instance }} ({{ $labels.job }}) for at least ${duration}. Users notice nothing, but alerts based on its metrics cannot fire. First step: check whether the target runs.`,
    },
    {
      name: 'TargetMissing',
      severity: 'warning',
      expr: missingJobs,
      for: duration,
      summary: 'A monitoring target does not exist. Alerts based on it cannot fire.',
      description: `Prometheus has had no target with job="{{ $labels.job }}" for at least ${duration}; one must exist. Users notice nothing, but alerts based on its metrics cannot fire. First step: check whether its pod or process exists.`,
    },
    {
      name: 'AlertmanagerMissing',
      severity: 'critical',
      expr: `${select(EXPORTERS.alertmanagersDiscovered, { job: prometheus })} == 0`,
      for: duration,
      summary: 'Prometheus knows no Alertmanager. No alert is delivered, not even this one.',
      description: `{{ $labels.instance }} has not discovered any Alertmanager for at least ${duration}; one must exist. No alert is delivered, so that this alert shows only in Prometheus and on the dashboard of alerts. First step: check the section "alerting" of Prometheus' configuration.`,
    },
    {
      name: 'RuleFailures',
      severity: 'critical',
      expr: increase(EXPORTERS.ruleFailures, prometheus, 'job, instance, rule_group'),
      for: duration,
      summary: 'Prometheus cannot evaluate some rules.',
      description: `{{ $labels.instance }}: about {{ $value | humanize }} evaluations of the rule group {{ $labels.rule_group }} failed in the last ${window}; the count has been above the bound of 0 for at least ${duration}. Users notice nothing, but alerts of this group may not fire. First step: find the failing rule and its error.`,
    },
    {
      name: 'NotificationsFailing',
      severity: 'critical',
      expr: [
        increase(EXPORTERS.notificationErrors, prometheus, 'job, instance'),
        increase(EXPORTERS.notificationsFailed, alertmanager, 'job, instance'),
      ].join(' or '),
      for: duration,
      summary: 'Alert notifications are not delivered.',
      description: `{{ $labels.instance }} ({{ $labels.job }}): about {{ $value | humanize }} notifications could not be sent in the last ${window}; the count has been above the bound of 0 for at least ${duration}. People learn of some alerts late or never. First step: find the error in the log of Alertmanager.`,
    },
    {
      name: 'Watchdog',
      severity: 'none',
      expr: 'vector(1)',
      summary: 'Alerts are delivered. This alert always fires.',
      description:
        'This alert proves that alerts reach the receiver. No action is needed while it arrives. When it stops arriving, no other alert arrives either. First step then: follow the runbook from Prometheus to the receiver.',
    },
  ]
}

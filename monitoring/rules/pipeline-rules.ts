import type { Profile } from '../profiles.ts'
import { type GroupAlert, select } from '../rule.ts'
import { CLUSTER_JOBS, EXPORTERS, JOBS, OPERATOR_JOBS } from '../targets.ts'

/** Jobs whose metrics other alerts read, as regular expressions. The service has alerts of its own for its targets. */
const MONITORING_JOBS = [
  ...[JOBS.probe, JOBS.node, CLUSTER_JOBS.kubeState],
  ...Object.values(OPERATOR_JOBS).map(selector => selector.replace('=~', '')),
]

/** Alerts on the monitoring stack itself: without it, the other alerts do not fire or are not delivered. */
export function pipelineAlerts({ window, for: { pipeline: duration } }: Profile): GroupAlert[] {
  const increase = (metric: string, job: string, labels: string) =>
    `sum by (${labels}) (increase(${select(metric, { job })}[${window}])) > 0`
  const { prometheus, alertmanager } = OPERATOR_JOBS

  return [
    {
      name: 'TargetDown',
      severity: 'warning',
      expr: `${select(EXPORTERS.up, { job: `=~${MONITORING_JOBS.join('|')}` })} == 0`,
      for: duration,
      summary: 'A monitoring target is down. Alerts based on it cannot fire.',
      description: `Prometheus could not scrape {{ $labels.instance }} ({{ $labels.job }}) for at least ${duration}. Users notice nothing, but alerts based on its metrics cannot fire. First step: check whether the target runs.`,
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

import type { Profile } from '../profiles.ts'
import { type Alert, select } from '../rule.ts'
import { CLUSTER_JOBS, EXPORTERS, JOBS, OPERATOR_JOBS } from '../targets.ts'

/** Every job that the other alerts' figures come from, but for the service itself, whose own alerts tell of it. */
const others = [JOBS.probe, JOBS.node, CLUSTER_JOBS.kubeState, ...Object.values(OPERATOR_JOBS).map(job => job.slice(2))]

/** What is wrong with what watches: alerts that others depend on. */
export function pipelineAlerts({ window, for: duration }: Profile): Alert[] {
  const failures = (metric: string, job: string) =>
    `sum by (job, instance) (increase(${select(metric, { job })}[${window}])) > 0`

  return [
    {
      name: 'TargetDown',
      severity: 'warning',
      area: 'pipeline',
      expr: `${select(EXPORTERS.up, { job: `=~${others.join('|')}` })} == 0`,
      for: duration.pipeline,
      summary: 'Something that others are watched by cannot be scraped.',
      description: `{{ $labels.instance }} ({{ $labels.job }}) has not answered a scrape for ${duration.pipeline}. The alerts that need what it says are silent, whatever happens.`,
    },
    {
      name: 'RuleFailures',
      severity: 'critical',
      area: 'pipeline',
      expr: `sum by (job, instance, rule_group) (increase(${select(EXPORTERS.ruleFailures, { job: OPERATOR_JOBS.prometheus })}[${window}])) > 0`,
      for: duration.pipeline,
      summary: 'Prometheus cannot evaluate some of its rules.',
      description: `{{ $labels.instance }}: about {{ $value | humanize }} evaluations of {{ $labels.rule_group }} have failed in the last ${window}; there should be none. What these rules watch is not watched.`,
    },
    {
      name: 'NotificationsFailing',
      severity: 'critical',
      area: 'pipeline',
      expr: [
        failures(EXPORTERS.notificationErrors, OPERATOR_JOBS.prometheus),
        failures(EXPORTERS.notificationsFailed, OPERATOR_JOBS.alertmanager),
      ].join(' or '),
      for: duration.pipeline,
      summary: 'Alerts do not arrive.',
      description: `{{ $labels.instance }} ({{ $labels.job }}): about {{ $value | humanize }} notifications could not be sent in the last ${window}; there should be none. Nobody is told of some alerts, or late.`,
    },
    {
      name: 'Watchdog',
      severity: 'none',
      area: 'pipeline',
      expr: 'vector(1)',
      summary: 'Alerts are delivered.',
      description:
        'This alert always fires, all the way to its receiver. Something outside must notice when it stops arriving there: then no other alert arrives either.',
    },
  ]
}

import type { Profile } from '../profiles.ts'
import { EXPORTERS, JOBS } from '../targets.ts'
import type { Incident } from './incidents.ts'
import { counter, gauge, incident, NODE_LABELS } from './input-series.ts'

const PROMETHEUS = { job: JOBS.prometheus, instance: 'localhost:9090' }
const ALERTMANAGER = { job: JOBS.alertmanager, instance: 'localhost:9093' }
const GROUP = { ...PROMETHEUS, rule_group: 'rules.yml;node' }

export function pipelineIncidents({ name, window, for: { pipeline: duration } }: Profile): Incident[] {
  // When the alert first fires; the counter increases by one at each scrape.
  const failures = name === 'production' ? '20' : '3'
  const firing = { production: [50, 88], drill: [32, 74] } as const
  const failing = [
    { name: 'Prometheus cannot reach Alertmanager', metric: EXPORTERS.notificationErrors, labels: PROMETHEUS },
    { name: 'Alertmanager cannot reach the receiver', metric: EXPORTERS.notificationsFailed, labels: ALERTMANAGER },
  ]
  return [
    {
      alert: 'TargetDown',
      name: 'node_exporter does not respond',
      input: [gauge(EXPORTERS.up, NODE_LABELS, incident(1, 0))],
      labels: { ...NODE_LABELS, severity: 'warning', area: 'pipeline' },
      firing: { production: [50, 70], drill: [32, 70] },
      description: `Prometheus could not scrape node-1:9100 (node-exporter) for at least ${duration}. Users notice nothing, but alerts based on its metrics cannot fire. First step: check whether the target runs.`,
    },
    {
      alert: 'RuleFailures',
      name: 'a group fails',
      input: [counter(EXPORTERS.ruleFailures, GROUP, incident(0, 1))],
      labels: { ...GROUP, severity: 'critical', area: 'pipeline' },
      firing,
      description: `localhost:9090: about ${failures} evaluations of the rule group rules.yml;node failed in the last ${window}; the count has been above the bound of 0 for at least ${duration}. Users notice nothing, but alerts of this group may not fire. First step: find the failing rule and its error.`,
    },
    ...failing.flatMap(({ name, metric, labels }) =>
      [labels.job, `kube-prometheus-stack-${labels.job}`].map((job): Incident => {
        const target = { ...labels, job }
        return {
          alert: 'NotificationsFailing',
          name: `${name} (${job})`,
          input: [counter(metric, target, incident(0, 1))],
          labels: { ...target, severity: 'critical', area: 'pipeline' },
          firing,
          description: `${labels.instance} (${job}): about ${failures} notifications could not be sent in the last ${window}; the count has been above the bound of 0 for at least ${duration}. People learn of some alerts late or never. First step: find the error in the log of Alertmanager.`,
        }
      }),
    ),
  ]
}

import type { Profile } from '../profiles.ts'
import { EXPORTERS, JOBS } from '../targets.ts'
import type { Incident } from './incidents.ts'
import { counter, gauge } from './promtool.ts'
import { incident, NODE } from './series.ts'

const PROMETHEUS = { job: JOBS.prometheus, instance: 'localhost:9090' }
const ALERTMANAGER = { job: JOBS.alertmanager, instance: 'localhost:9093' }
/** The same as the operator's stack names them. */
const STACK = 'kube-prometheus-stack-'

/** As in incidents.ts. */
export function pipelineIncidents(profile: Profile): Incident[] {
  const inProduction = profile.name === 'production'
  const window = inProduction ? '5m' : '30s'
  const about = inProduction ? '20' : '3' // at the moment of firing; one more a scrape
  const failing = [
    { name: 'Prometheus reaches no Alertmanager', metric: EXPORTERS.notificationErrors, labels: PROMETHEUS },
    { name: 'Alertmanager reaches no receiver', metric: EXPORTERS.notificationsFailed, labels: ALERTMANAGER },
  ]
  return [
    {
      alert: 'TargetDown',
      name: 'node_exporter does not answer',
      input: [gauge(EXPORTERS.up, NODE, incident(1, 0))],
      labels: { ...NODE, severity: 'warning', area: 'pipeline' },
      production: [50, 70],
      drill: [32, 70],
      says: `node-1:9100 (node-exporter) has not answered a scrape for ${inProduction ? '5m' : '10s'}. The alerts that need what it says are silent, whatever happens.`,
    },
    {
      alert: 'RuleFailures',
      name: 'a group fails',
      input: [counter(EXPORTERS.ruleFailures, { ...PROMETHEUS, rule_group: 'rules.yml;node' }, incident(0, 1))],
      labels: { ...PROMETHEUS, rule_group: 'rules.yml;node', severity: 'critical', area: 'pipeline' },
      production: [50, 88],
      drill: [32, 74],
      says: `localhost:9090: about ${about} evaluations of rules.yml;node have failed in the last ${window}; there should be none. What these rules watch is not watched.`,
    },
    ...failing.flatMap(({ name, metric, labels }) =>
      [labels, { ...labels, job: STACK + labels.job }].map(target => ({
        alert: 'NotificationsFailing',
        name: `${name}, by ${target.job}`,
        input: [counter(metric, target, incident(0, 1))],
        labels: { ...target, severity: 'critical', area: 'pipeline' },
        production: [50, 88] as const,
        drill: [32, 74] as const,
        says: `${target.instance} (${target.job}): about ${about} notifications could not be sent in the last ${window}; there should be none. Nobody is told of some alerts, or late.`,
      })),
    ),
  ]
}

import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, EXPECTED_JOBS, EXPORTERS, JOBS, NAMESPACES } from '../targets.ts'
import type { Incident, Silence } from './incidents.ts'
import {
  counter,
  EXPECTED_TARGETS,
  gauge,
  type InputSeries,
  incident,
  type Labels,
  NODE_LABELS,
  SERVICE_LABELS,
  STALE,
  type Stretches,
  steady,
} from './input-series.ts'

const PROMETHEUS = { job: JOBS.prometheus, instance: 'localhost:9090' }
const ALERTMANAGER = { job: JOBS.alertmanager, instance: 'localhost:9093' }
const GROUP = { ...PROMETHEUS, rule_group: 'rules.yml;node' }

const target = (labels: Labels, up: Stretches) => gauge(EXPORTERS.up, labels, up)

/** A replica of the service as a cluster's service discovery finds it. */
const replicaInCluster = gauge(EXPORTERS.up, { ...SERVICE_LABELS, namespace: NAMESPACES[0] }, steady(1))

/** A replica of the service and one target of each expected job, but other targets of one job. */
const targetsBut = (changed: string, ...others: readonly InputSeries[]) => [
  replicaInCluster,
  ...EXPECTED_TARGETS.filter(({ job }) => job !== changed).map(labels => target(labels, steady(1))),
  ...others,
]

const missingTargets = (duration: string): Incident[] =>
  EXPECTED_TARGETS.map(labels => ({
    alert: 'TargetMissing',
    name: `the last target of ${labels.job} goes away`,
    input: targetsBut(labels.job, target(labels, incident(1, STALE))),
    labels: { job: labels.job, severity: 'warning', area: 'pipeline' },
    firing: { production: [50, 70], drill: [32, 70] },
    description: `Prometheus has had no target with job="${labels.job}" for at least ${duration}; one must exist. Users notice nothing, but alerts based on its metrics cannot fire. First step: check whether its pod or process exists.`,
  }))

const missingAlertmanagers = (duration: string): Incident[] =>
  [JOBS.prometheus, `kube-prometheus-stack-${JOBS.prometheus}`].map(job => ({
    alert: 'AlertmanagerMissing',
    name: `no Alertmanager is discovered (${job})`,
    input: [gauge(EXPORTERS.alertmanagersDiscovered, { ...PROMETHEUS, job }, incident(1, 0))],
    labels: { ...PROMETHEUS, job, severity: 'critical', area: 'pipeline' },
    firing: { production: [50, 70], drill: [32, 70] },
    description: `localhost:9090 has not discovered any Alertmanager for at least ${duration}; one must exist. No alert is delivered, so that this alert shows only in Prometheus and on the dashboard of alerts. First step: check the section "alerting" of Prometheus' configuration.`,
  }))

/** Names that jobs have in kube-prometheus-stack. */
const OPERATOR_NAMES = [
  [CLUSTER_JOBS.cadvisor, 'kubelet'],
  [JOBS.prometheus, `kube-prometheus-stack-${JOBS.prometheus}`],
  [JOBS.alertmanager, `kube-prometheus-stack-${JOBS.alertmanager}`],
] as const

export const pipelineSilences: readonly Silence[] = [
  ...OPERATOR_NAMES.map(([job, name]) => ({
    alert: 'TargetMissing',
    name: `the targets of ${job} have the job ${name}`,
    input: targetsBut(job, target({ job: name, instance: 'any' }, steady(1))),
  })),
  {
    alert: 'TargetMissing',
    name: 'no target exists that only a cluster has, and no target of the service has a namespace',
    input: [
      gauge(EXPORTERS.up, SERVICE_LABELS, steady(1)),
      gauge(EXPORTERS.up, { job: 'other', namespace: 'other' }, steady(1)),
      ...EXPECTED_JOBS.filter(({ where }) => where === 'everywhere').map(({ job }) => target({ job }, steady(1))),
    ],
  },
  {
    alert: 'TargetMissing',
    name: 'a target exists and is down',
    input: targetsBut(JOBS.node, target(NODE_LABELS, steady(0))),
  },
]

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
    ...missingTargets(duration),
    ...missingAlertmanagers(duration),
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

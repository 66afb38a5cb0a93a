import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, EXPECTED_JOBS, EXPORTERS, JOBS, NAMESPACES } from '../targets.ts'
import type { AlertCases } from './incidents.ts'
import { counter, gauge, type InputSeries, type Labels } from './input-series.ts'
import { EXPECTED_TARGETS, NODE_LABELS, SERVICE_LABELS } from './labels.ts'
import { incident, STALE, type Stretches, steady } from './stretches.ts'

const PROMETHEUS = { job: JOBS.prometheus, instance: 'localhost:9090' }
const ALERTMANAGER = { job: JOBS.alertmanager, instance: 'localhost:9093' }
const GROUP = { ...PROMETHEUS, rule_group: 'rules.yml;node' }

const target = (labels: Labels, up: Stretches) => gauge(EXPORTERS.up, labels, up)

/** A replica of the service as a cluster's service discovery finds it. */
const replicaInCluster = target({ ...SERVICE_LABELS, namespace: NAMESPACES[0] }, steady(1))

/** A replica of the service and one target of each expected job, but other targets of one job. */
const targetsBut = (changed: string, ...others: readonly InputSeries[]) => [
  replicaInCluster,
  ...EXPECTED_TARGETS.filter(({ job }) => job !== changed).map(labels => target(labels, steady(1))),
  ...others,
]

const firing = { production: [50, 70], drill: [32, 70] } as const
/** The scrapes for a counter that increases by one at each scrape of the incident. */
const countedFiring = { production: [50, 88], drill: [32, 74] } as const

/** The name that a job of Prometheus or Alertmanager has in kube-prometheus-stack. */
const inOperator = (job: string) => `kube-prometheus-stack-${job}`

/** Names that jobs have in kube-prometheus-stack. */
const OPERATOR_NAMES = [
  [CLUSTER_JOBS.cadvisor, 'kubelet'],
  [JOBS.prometheus, inOperator(JOBS.prometheus)],
  [JOBS.alertmanager, inOperator(JOBS.alertmanager)],
] as const

const missingTargets: AlertCases = {
  alert: 'TargetMissing',
  incidents: Object.fromEntries(
    EXPECTED_TARGETS.map(labels => [
      `the last target of ${labels.job} goes away`,
      { labels: { job: labels.job }, input: targetsBut(labels.job, target(labels, incident(1, STALE))), firing },
    ]),
  ),
  silences: {
    ...Object.fromEntries(
      OPERATOR_NAMES.map(([job, name]) => [
        `the targets of ${job} have the job ${name}`,
        targetsBut(job, target({ job: name, instance: 'any' }, steady(1))),
      ]),
    ),
    'no target exists that only a cluster has, and no target of the service has a namespace': [
      target(SERVICE_LABELS, steady(1)),
      target({ job: 'other', namespace: 'other' }, steady(1)),
      ...EXPECTED_JOBS.filter(({ where }) => where !== 'cluster').map(({ job }) => target({ job }, steady(1))),
    ],
    'node_exporter cannot run, because the nodes are those of GKE Autopilot': targetsBut(
      JOBS.node,
      target({ job: CLUSTER_JOBS.cadvisor, node: 'gk3-cluster-pool-1' }, steady(1)),
    ),
    'a target exists and is down': targetsBut(JOBS.node, target(NODE_LABELS, steady(0))),
  },
}

/** Notifications that a target cannot send, in both of its jobs. */
const failingNotifications = (name: string, metric: string, labels: Labels & { job: string }) =>
  [labels.job, inOperator(labels.job)].map(job => {
    const input = [counter(metric, { ...labels, job }, incident(0, 1))]
    return [`${name} (${job})`, { labels: { ...labels, job }, input, firing: countedFiring }] as const
  })

export function pipelineCases({ name }: Profile): AlertCases[] {
  // When the alert first fires.
  const failures = name === 'production' ? '20' : '3'
  return [
    {
      alert: 'TargetDown',
      labels: NODE_LABELS,
      incidents: { 'node_exporter does not respond': { input: [target(NODE_LABELS, incident(1, 0))], firing } },
    },
    missingTargets,
    {
      alert: 'AlertmanagerMissing',
      incidents: Object.fromEntries(
        [JOBS.prometheus, inOperator(JOBS.prometheus)].map(job => {
          const labels = { ...PROMETHEUS, job }
          const input = [gauge(EXPORTERS.alertmanagersDiscovered, labels, incident(1, 0))]
          return [`no Alertmanager is discovered (${job})`, { labels, input, firing }]
        }),
      ),
    },
    {
      alert: 'RuleFailures',
      labels: GROUP,
      value: failures,
      incidents: {
        'a group fails': { input: [counter(EXPORTERS.ruleFailures, GROUP, incident(0, 1))], firing: countedFiring },
      },
    },
    {
      alert: 'NotificationsFailing',
      value: failures,
      incidents: Object.fromEntries([
        ...failingNotifications('Prometheus cannot reach Alertmanager', EXPORTERS.notificationErrors, PROMETHEUS),
        ...failingNotifications('Alertmanager cannot reach the receiver', EXPORTERS.notificationsFailed, ALERTMANAGER),
      ]),
    },
  ]
}

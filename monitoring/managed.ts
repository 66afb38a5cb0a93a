import { SERVICE_CONFIG } from '../chosen-service.ts'
import { API } from './helm.ts'
import type { Profile } from './profiles.ts'
import { ruleGroups } from './rules/rules.ts'
import { probeScrape } from './scrapes.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, JOBS } from './targets.ts'

const apiVersion = 'monitoring.googleapis.com/v1'

/** Alerts on parts that Google runs, whose metrics nobody else can read. */
const OF_GOOGLE = ['TargetDown', 'TargetMissing', 'AlertmanagerMissing', 'RuleFailures', 'NotificationsFailing']

interface ManagedResource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: object
}

/**
 * Resources for Google Cloud Managed Service for Prometheus, in place of Prometheus and Alertmanager; the exporters are the same. A
 * PodMonitoring gives its name to the label `job`, which cannot be relabelled, and the name of the pod and port to `instance`.
 */
export function managedResources(profile: Profile): ManagedResource[] {
  const interval = profile.scrapeInterval
  /** Scrapes the named port of each pod of an application; `more` is added to the endpoint. */
  const scrape = (job: string, namespace: string, application: string, port: string, more: object = {}) => ({
    apiVersion,
    kind: 'PodMonitoring',
    metadata: { name: job, namespace },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': application } },
      endpoints: [{ port, interval, ...more }],
      targetLabels: { metadata: ['pod', 'container', 'node'] },
    },
  })
  const { metrics_path: path, params } = probeScrape(API)
  const { name } = SERVICE_CONFIG
  const stored = Object.values(CLUSTER_METRICS).filter(metric => metric.startsWith('kube_'))
  const kept = { metricRelabeling: [{ sourceLabels: ['__name__'], regex: stored.join('|'), action: 'keep' }] }
  const kubeState = scrape(CLUSTER_JOBS.kubeState, 'monitoring', 'kube-state-metrics', 'http', kept)
  return [
    scrape(JOBS.service, name, name, 'metrics'),
    scrape(JOBS.probe, 'monitoring', 'prometheus-blackbox-exporter', 'http', { path, params }),
    scrape(JOBS.node, 'monitoring', 'prometheus-node-exporter', 'metrics'),
    {
      ...kubeState,
      kind: 'ClusterPodMonitoring',
      metadata: { name: CLUSTER_JOBS.kubeState },
      // Empty: the labels `namespace` and `pod` are those of the observed objects.
      spec: { ...kubeState.spec, targetLabels: { metadata: [] } },
    },
    {
      apiVersion,
      // `Rules` would see the series of one namespace; these read kube-state-metrics and the probe, too.
      kind: 'ClusterRules',
      metadata: { name },
      spec: {
        groups: ruleGroups(profile).map(group => ({
          name: `${name}-${group.name}`,
          interval: profile.evaluationInterval,
          rules: group.rules.filter(rule => !('alert' in rule && OF_GOOGLE.includes(rule.alert))),
        })),
      },
    },
  ]
}

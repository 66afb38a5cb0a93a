import type { IProbe } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe'
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { alertmanagerConfiguration } from './alertmanager.ts'
import { API, RECEIVER } from './helm.ts'
import { type Profile, scrapeTimeout } from './profiles.ts'
import { ruleFile } from './rules/index.ts'
import { PROBE, PROBED_PATH } from './scrapes.ts'
import { JOBS } from './targets.ts'

const apiVersion = 'monitoring.coreos.com/v1'
const metadata = { name: 'tipping-point', namespace: 'tipping-point' }

const paced = (profile: Profile) => ({ interval: profile.scrapeInterval, scrapeTimeout: scrapeTimeout(profile) })

/**
 * The replicas, by the Service that has their metrics port. `job` is set, for rules name it: by default it would be the
 * Service's name. `instance` is the pod's name, as in the plain chart: an address may be another pod's tomorrow.
 */
const serviceMonitor = (profile: Profile): IServiceMonitor => ({
  apiVersion,
  kind: 'ServiceMonitor',
  metadata,
  spec: {
    selector: { matchLabels: { 'tipping-point.example/metrics': 'true' } },
    endpoints: [
      {
        port: 'metrics',
        ...paced(profile),
        relabelings: [
          { targetLabel: 'job', replacement: JOBS.service },
          { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' },
        ],
      },
    ],
  },
})

/** The outside probe, by the blackbox_exporter of helm/. What it asks is the `instance`, which the operator sees to. */
const probe = (profile: Profile): IProbe => ({
  apiVersion,
  kind: 'Probe',
  metadata,
  spec: {
    jobName: JOBS.probe,
    ...paced(profile),
    module: PROBE,
    prober: { url: 'blackbox-exporter.monitoring.svc:9115' },
    targets: { staticConfig: { static: [`http://${API}${PROBED_PATH}`] } },
  },
})

const prometheusRule = (profile: Profile): IPrometheusRule => ({
  apiVersion,
  kind: 'PrometheusRule',
  metadata,
  spec: ruleFile(profile) as unknown as IPrometheusRule['spec'] & object,
})

/** What the operator's Prometheus is told, by the name of the file. */
export const operatorResources = (profile: Profile): ReadonlyMap<string, object> =>
  new Map<string, object>([
    ['servicemonitor', serviceMonitor(profile)],
    ['probe', probe(profile)],
    ['prometheusrule', prometheusRule(profile)],
  ])

/** The values of the chart `kube-prometheus-stack` that are made from `monitoring/`. */
export const operatorValues = (profile: Profile) => ({
  prometheus: {
    prometheusSpec: { scrapeInterval: profile.scrapeInterval, evaluationInterval: profile.evaluationInterval },
  },
  alertmanager: { config: alertmanagerConfiguration(profile, RECEIVER) },
})

/** The kustomization that makes a ConfigMap of each dashboard, as Grafana's sidecar looks for them. */
export const dashboardConfigMaps = (names: Iterable<string>) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  generatorOptions: {
    disableNameSuffixHash: true, // the sidecar sees changes by itself
    labels: { grafana_dashboard: '1', 'app.kubernetes.io/part-of': 'tipping-point' },
  },
  configMapGenerator: [...names].map(name => ({
    name: `dashboard-${name}`,
    namespace: 'monitoring',
    files: [`${name}.json`],
  })),
})

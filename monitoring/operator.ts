import type { IProbe } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe'
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { alertmanagerConfiguration } from './alertmanager.ts'
import { API, RECEIVER } from './helm.ts'
import { type Profile, scrapeTimeout } from './profiles.ts'
import { ruleFile } from './rules/rules.ts'
import { PROBE_MODULE } from './scrapes.ts'
import { JOBS } from './targets.ts'

const apiVersion = 'monitoring.coreos.com/v1'
const { name } = SERVICE_CONFIG
const metadata = { name, namespace: name }

/** Resources for the Prometheus operator, by the name of their file. */
export function operatorResources(profile: Profile): ReadonlyMap<string, object> {
  const timing = { interval: profile.scrapeInterval, scrapeTimeout: scrapeTimeout(profile) }
  const serviceMonitor: IServiceMonitor = {
    apiVersion,
    kind: 'ServiceMonitor',
    metadata,
    spec: {
      selector: { matchLabels: { [`${name}.example/metrics`]: 'true' } },
      endpoints: [
        {
          port: 'metrics',
          ...timing,
          relabelings: [
            // By default the job would be the name of the Service, and the instance the address of the pod.
            { targetLabel: 'job', replacement: JOBS.service },
            { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' },
          ],
        },
      ],
    },
  }
  const probe: IProbe = {
    apiVersion,
    kind: 'Probe',
    metadata,
    spec: {
      jobName: JOBS.probe,
      ...timing,
      module: PROBE_MODULE,
      prober: { url: 'blackbox-exporter.monitoring.svc:9115' },
      targets: { staticConfig: { static: [`http://${API}${SERVICE_CONFIG.probe.path}`] } },
    },
  }
  const spec = ruleFile(profile) as unknown as IPrometheusRule['spec'] & object
  const prometheusRule: IPrometheusRule = { apiVersion, kind: 'PrometheusRule', metadata, spec }
  return new Map(Object.entries({ servicemonitor: serviceMonitor, probe, prometheusrule: prometheusRule }))
}

/** Values of the chart `kube-prometheus-stack` that are generated from `monitoring/`. */
export const operatorValues = (profile: Profile) => ({
  prometheus: {
    prometheusSpec: { scrapeInterval: profile.scrapeInterval, evaluationInterval: profile.evaluationInterval },
  },
  alertmanager: { config: alertmanagerConfiguration(profile, RECEIVER) },
})

/** Kustomization that makes one ConfigMap for each dashboard, with the label that Grafana's sidecar selects. */
export const dashboardConfigMaps = (uids: readonly string[]) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  generatorOptions: {
    disableNameSuffixHash: true, // the sidecar notices changes by itself
    labels: { grafana_dashboard: '1', 'app.kubernetes.io/part-of': name },
  },
  // Grafana's sidecar writes the dashboards of all teams into one folder: only a unique file name overwrites no other.
  configMapGenerator: uids.map(uid => ({ name: `dashboard-${uid}`, namespace: 'monitoring', files: [`${uid}.json`] })),
})

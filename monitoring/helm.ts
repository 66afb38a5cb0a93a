import { SERVICE_CONFIG } from '../chosen-service.ts'
import { alertmanagerConfiguration } from './alertmanager.ts'
import { dataSources } from './data-sources.ts'
import { type Profile, scrapeTimeout } from './profiles.ts'
import { ruleFile } from './rules/rules.ts'
import { probeConfiguration, probeScrape } from './scrapes.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, JOBS, NAMESPACES } from './targets.ts'

/** Host of the API, as clients in the cluster reach it. */
export const API = `${SERVICE_CONFIG.name}.${SERVICE_CONFIG.name}.svc`

/** URL of the webhook to which Alertmanager sends notifications. */
export const RECEIVER = 'http://alert-receiver.monitoring.svc:9099/alerts'

/** Default jobs of the chart. The jobs of this project replace them, because rules need stable `job` labels. */
const DEFAULT_JOBS = [
  'kubernetes-api-servers',
  'kubernetes-nodes',
  'kubernetes-nodes-cadvisor',
  'kubernetes-service-endpoints',
  'kubernetes-service-endpoints-slow',
  'prometheus-pushgateway',
  'kubernetes-services',
  'kubernetes-pods',
  'kubernetes-pods-slow',
]

/** Metrics of {@link CLUSTER_METRICS} with a prefix. Others are not stored. */
const metricsOf = (prefix: string) => Object.values(CLUSTER_METRICS).filter(name => name.startsWith(prefix))

/** Relabelling that copies a label of the discovery. */
const label = (source: string, target: string) => ({
  source_labels: [`__meta_kubernetes_${source}`],
  target_label: target,
})

/**
 * Scrapes the named port of each pod of an application. Pods instead of a Service, so that each replica is scraped.
 * Pods that start or have ended are no targets; the metrics of their Deployment show that they are missing.
 */
const pods = (namespace: string, application: string, port: string, labels: readonly object[] = []) => ({
  kubernetes_sd_configs: [
    {
      role: 'pod',
      namespaces: { names: [namespace] },
      selectors: [{ role: 'pod', label: `app.kubernetes.io/name=${application}` }],
    },
  ],
  relabel_configs: [
    { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: port, action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Pending|Succeeded|Failed', action: 'drop' },
    ...labels,
  ],
})

/** `instance` is the name of the pod: `kubectl logs` accepts it, and no other pod ever has the same name. */
const podAsInstance = () => label('pod_name', 'instance')

const { relabel_configs: probeLabels, ...probe } = probeScrape(API)

/**
 * cAdvisor at each kubelet's own port, which needs `nodes/metrics` only. Through the API server, Prometheus would need
 * `nodes/proxy`, which allows running commands in any pod.
 */
const cadvisorScrape = {
  kubernetes_sd_configs: [{ role: 'node' }],
  scheme: 'https',
  metrics_path: '/metrics/cadvisor',
  authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  // kubeadm, and so kind and minikube, lets each kubelet sign its own certificate, which nobody can verify.
  tls_config: { insecure_skip_verify: true },
  // The samples carry timestamps: without this, the last sample of a deleted container would count for five minutes.
  track_timestamps_staleness: true,
  relabel_configs: [label('node_name', 'instance'), label('node_name', 'node')],
  metric_relabel_configs: [
    // A series without a container's name is the sum of a pod or of the system. The network metrics kept are the
    // node's.
    {
      source_labels: ['__name__', 'namespace', 'container', 'id'],
      regex:
        `(${metricsOf('container_').join('|')});(${NAMESPACES.join('|')});[^;]+;.*` +
        `|(${metricsOf('container_network_').join('|')});;;/`,
      action: 'keep',
    },
  ],
}

/** Scrape configuration by job. */
const SCRAPES: Readonly<Record<string, object>> = {
  // A deleted replica stays a target, so that its last requests are counted. Discovery removes the target some seconds
  // after the process has ended. In between `up` is 0, and `kube_pod_deletion_timestamp` tells why.
  [JOBS.service]: pods(SERVICE_CONFIG.name, SERVICE_CONFIG.name, 'metrics', [
    podAsInstance(),
    label('namespace', 'namespace'),
    label('pod_name', 'pod'),
    label('pod_node_name', 'node'),
  ]),
  [JOBS.probe]: { ...pods('monitoring', 'prometheus-blackbox-exporter', 'http', probeLabels), ...probe },
  // `instance` is the name of the node, which outlives the exporter's pod.
  [JOBS.node]: pods('monitoring', 'prometheus-node-exporter', 'metrics', [label('pod_node_name', 'instance')]),
  // `namespace` and `pod` are labels of the observed objects. `instance` is fixed, so that a new pod continues the
  // series.
  [CLUSTER_JOBS.kubeState]: {
    ...pods('monitoring', 'kube-state-metrics', 'http', [
      { target_label: 'instance', replacement: 'kube-state-metrics' },
    ]),
    honor_labels: true,
  },
  [CLUSTER_JOBS.cadvisor]: cadvisorScrape,
  [JOBS.prometheus]: { static_configs: [{ targets: ['localhost:9090'] }] },
  [JOBS.alertmanager]: pods('monitoring', 'alertmanager', 'http', [podAsInstance()]),
}

/** Values of the chart `prometheus` that are generated from `monitoring/`. */
export function prometheusValues(profile: Profile) {
  const server = {
    global: {
      scrape_interval: profile.scrapeInterval,
      scrape_timeout: scrapeTimeout(profile),
      evaluation_interval: profile.evaluationInterval,
    },
    alertmanagers: [pods('monitoring', 'alertmanager', 'http')],
  }
  const values = {
    server,
    serverFiles: { 'alerting_rules.yml': ruleFile(profile) },
    scrapeConfigs: { ...Object.fromEntries(DEFAULT_JOBS.map(job => [job, { enabled: false }])), ...SCRAPES },
  }
  const checksum = new Bun.CryptoHasher('sha256').update(JSON.stringify(values)).digest('hex')
  return {
    ...values,
    // A changed checksum restarts the pod at once. Without it, the kubelet may take a minute to update a mounted
    // ConfigMap.
    server: { ...server, podAnnotations: { 'checksum/config': checksum } },
    alertmanager: { config: alertmanagerConfiguration(profile, RECEIVER) },
    'kube-state-metrics': { metricAllowlist: metricsOf('kube_') },
  }
}

/** Values of the chart `grafana` that are generated from `monitoring/`. */
export function grafanaValues(profile: Profile) {
  const urls = {
    prometheus: 'http://prometheus-server.monitoring.svc',
    alertmanager: 'http://prometheus-alertmanager.monitoring.svc:9093',
  }
  return { datasources: { 'datasources.yaml': { apiVersion: 1, datasources: dataSources(profile, urls) } } }
}

/** Values of the chart `prometheus-blackbox-exporter` that are generated from `monitoring/`. */
export const blackboxValues = { config: probeConfiguration }

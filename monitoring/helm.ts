import { alertmanagerConfiguration } from './alertmanager.ts'
import { type Profile, scrapeTimeout } from './profiles.ts'
import { ruleFile } from './rules/index.ts'
import { probeConfiguration, probeScrape } from './scrapes.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, JOBS, NAMESPACES } from './targets.ts'

/** The API, as its clients in the cluster reach it. */
export const API = 'tipping-point.tipping-point.svc'

/** Where Alertmanager tells of alerts. */
export const RECEIVER = 'http://alert-receiver.monitoring.svc:9099/alerts'

/** Jobs that the chart has by default, and for which this project has its own, with labels that rules can name. */
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

/** Metrics of {@link CLUSTER_METRICS} whose names begin so: no other is made or stored. */
const metricsOf = (prefix: string) => Object.values(CLUSTER_METRICS).filter(name => name.startsWith(prefix))

/** Writes a discovered label to one of the series. */
const label = (source: string, target: string) => ({
  source_labels: [`__meta_kubernetes_${source}`],
  target_label: target,
})

/**
 * Pods of an application, at one port by its name, and what their series are labelled with. Pods and not Services, so
 * that nothing stands between what watches and what it watches, and each replica is asked or told. One that starts or has
 * ended is none: that it is missing is told by its Deployment's figures, that it does not answer is no news.
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

/** `instance` is the pod's name: `kubectl logs` takes it, and no later pod has it. An address may be another pod's tomorrow. */
const named = () => label('pod_name', 'instance')

/**
 * The replicas. One that is being deleted stays a target, so that what it answers to the end is counted; discovery could
 * not tell it from others. It answers until its process ends, but stays a target longer: Prometheus takes news from
 * discovery every 5 s, hands them on every 5 s, and ends the series two scrapes later. Its `up` is 0 for some seconds then,
 * for which `kube_pod_deletion_timestamp` is the excuse.
 */
const serviceScrape = pods('tipping-point', 'tipping-point', 'metrics', [
  named(),
  label('namespace', 'namespace'),
  label('pod_name', 'pod'),
  label('pod_node_name', 'node'),
])

const { relabel_configs: probeLabels, ...probe } = probeScrape(API)
const probeFromCluster = { ...pods('monitoring', 'prometheus-blackbox-exporter', 'http', probeLabels), ...probe }

/** node_exporter on each node; `instance` is the node's name, which outlives the exporter's pod. */
const nodeScrape = pods('monitoring', 'prometheus-node-exporter', 'metrics', [label('pod_node_name', 'instance')])

/** kube-state-metrics tells of others: `namespace` and `pod` are what it says, and its next pod goes on with its series. */
const kubeStateScrape = {
  ...pods('monitoring', 'kube-state-metrics', 'http', [
    { target_label: 'instance', replacement: 'kube-state-metrics' },
  ]),
  honor_labels: true,
}

/**
 * cAdvisor at each kubelet's own port, so that reading `nodes/metrics` is enough: through the API server it would take
 * `nodes/proxy`, with which one can run commands in any pod.
 */
const cadvisorScrape = {
  kubernetes_sd_configs: [{ role: 'node' }],
  scheme: 'https',
  metrics_path: '/metrics/cadvisor',
  authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  // kubeadm, and so kind and minikube, let each kubelet sign its own certificate, which no one can verify
  tls_config: { insecure_skip_verify: true },
  // its samples have their own times: what a container that is gone has said would be taken for new for five minutes
  track_timestamps_staleness: true,
  relabel_configs: [label('node_name', 'instance'), label('node_name', 'node')],
  metric_relabel_configs: [
    // of containers only: without the name of one it is the sum of a pod, or of the system; but the network is the node's
    {
      source_labels: ['__name__', 'namespace', 'container', 'id'],
      regex:
        `(${metricsOf('container_').join('|')});(${NAMESPACES.join('|')});[^;]+;.*` +
        `|(${metricsOf('container_network_').join('|')});;;/`,
      action: 'keep',
    },
  ],
}

/** Every job of a cluster by its label. */
const scrapes: Readonly<Record<string, object>> = {
  [JOBS.service]: serviceScrape,
  [JOBS.probe]: probeFromCluster,
  [JOBS.node]: nodeScrape,
  [CLUSTER_JOBS.kubeState]: kubeStateScrape,
  [CLUSTER_JOBS.cadvisor]: cadvisorScrape,
  [JOBS.prometheus]: { static_configs: [{ targets: ['localhost:9090'] }] },
  [JOBS.alertmanager]: pods('monitoring', 'alertmanager', 'http', [named()]),
}

/** What configures Prometheus, in values of its chart. */
const serverValues = (profile: Profile) => ({
  server: {
    global: {
      scrape_interval: profile.scrapeInterval,
      scrape_timeout: scrapeTimeout(profile),
      evaluation_interval: profile.evaluationInterval,
    },
    alertmanagers: [pods('monitoring', 'alertmanager', 'http')],
  },
  serverFiles: { 'alerting_rules.yml': ruleFile(profile) },
  scrapeConfigs: { ...Object.fromEntries(DEFAULT_JOBS.map(job => [job, { enabled: false }])), ...scrapes },
})

/** The values of the chart `prometheus` that are made from `monitoring/`. */
export function prometheusValues(profile: Profile) {
  const values = serverValues(profile)
  const checksum = new Bun.CryptoHasher('sha256').update(JSON.stringify(values)).digest('hex')
  return {
    ...values,
    // another configuration is another pod, at once; kubelet may take a minute to renew what is mounted
    server: { ...values.server, podAnnotations: { 'checksum/config': checksum } },
    alertmanager: { config: alertmanagerConfiguration(profile, RECEIVER) },
    'kube-state-metrics': { metricAllowlist: metricsOf('kube_') },
  }
}

/** The values of the chart `prometheus-blackbox-exporter` that are made from `monitoring/`. */
export const blackboxValues = { config: probeConfiguration }

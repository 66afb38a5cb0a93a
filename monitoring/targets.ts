import { SERVICE_CONFIG } from '../chosen-service.ts'

/** The `job` labels of the scrape configurations on every platform. */
export const JOBS = {
  /** Metrics ports of the replicas. */
  service: SERVICE_CONFIG.name,
  /** blackbox_exporter, which requests the path of the probe as a client does. */
  probe: `${SERVICE_CONFIG.name}-probe`,
  node: 'node-exporter',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
} as const

/** The `job` labels of targets that exist only in a cluster. */
export const CLUSTER_JOBS = {
  /** Desired and actual state of the cluster's objects. */
  kubeState: 'kube-state-metrics',
  /** Resource usage of containers, from the kubelet of each node. */
  cadvisor: 'cadvisor',
} as const

/**
 * Label matchers of jobs that have other names in kube-prometheus-stack: there, cAdvisor belongs to the job `kubelet`,
 * and Prometheus and Alertmanager are named after the Helm release.
 */
export const OPERATOR_JOBS = {
  cadvisor: `=~${CLUSTER_JOBS.cadvisor}|kubelet`,
  prometheus: `=~(.+-)?${JOBS.prometheus}`,
  alertmanager: `=~(.+-)?${JOBS.alertmanager}`,
} as const

/**
 * The jobs whose metrics alerts read, and where each must have a target: everywhere, where there is a cluster, or where a pod may read its host.
 * TargetDown and TargetMissing watch them. The service itself is not here: ServiceAbsent and ServiceUnresponsive watch
 * its targets.
 */
export const EXPECTED_JOBS: readonly { readonly job: string; readonly matcher: string; readonly where: Where }[] = [
  { job: JOBS.probe, matcher: JOBS.probe, where: 'everywhere' },
  { job: JOBS.node, matcher: JOBS.node, where: 'readable hosts' },
  { job: JOBS.prometheus, matcher: OPERATOR_JOBS.prometheus, where: 'everywhere' },
  { job: JOBS.alertmanager, matcher: OPERATOR_JOBS.alertmanager, where: 'everywhere' },
  { job: CLUSTER_JOBS.kubeState, matcher: CLUSTER_JOBS.kubeState, where: 'cluster' },
  { job: CLUSTER_JOBS.cadvisor, matcher: OPERATOR_JOBS.cadvisor, where: 'cluster' },
]
type Where = 'everywhere' | 'cluster' | 'readable hosts'

/** Matcher of the nodes of GKE Autopilot. No pod may read their host, so that node_exporter cannot run there. */
export const AUTOPILOT_NODES = '=~gk3-.+'

/** The namespaces of the service and of the monitoring stack. */
export const NAMESPACES = [SERVICE_CONFIG.name, 'monitoring'] as const

/** Metrics of exporters that rules and dashboards read. The catalogue names the metrics of the service. */
export const EXPORTERS = {
  up: 'up',
  probeSuccess: 'probe_success',
  probeDuration: 'probe_duration_seconds',
  nodeCPU: 'node_cpu_seconds_total',
  nodeMemoryAvailable: 'node_memory_MemAvailable_bytes',
  nodeMemoryTotal: 'node_memory_MemTotal_bytes',
  nodeFilesystemAvailable: 'node_filesystem_avail_bytes',
  nodeFilesystemSize: 'node_filesystem_size_bytes',
  nodeFilesystemReadonly: 'node_filesystem_readonly',
  nodeFilesystemFiles: 'node_filesystem_files',
  nodeFilesystemFilesFree: 'node_filesystem_files_free',
  nodeLoad: 'node_load1',
  /** Number of processes that run or wait for a CPU. */
  nodeRunnable: 'node_procs_running',
  nodeMajorFaults: 'node_vmstat_pgmajfault',
  nodeDiskBusy: 'node_disk_io_time_seconds_total',
  nodeNetworkReceived: 'node_network_receive_bytes_total',
  nodeNetworkSent: 'node_network_transmit_bytes_total',
  nodePressureCPU: 'node_pressure_cpu_waiting_seconds_total',
  nodePressureMemory: 'node_pressure_memory_waiting_seconds_total',
  nodePressureIO: 'node_pressure_io_waiting_seconds_total',
  ruleFailures: 'prometheus_rule_evaluation_failures_total',
  /** Number of Alertmanagers to which Prometheus sends alerts. */
  alertmanagersDiscovered: 'prometheus_notifications_alertmanagers_discovered',
  /** Failed notifications from Prometheus to Alertmanager. */
  notificationErrors: 'prometheus_notifications_errors_total',
  /** Failed notifications from Alertmanager to a receiver. */
  notificationsFailed: 'alertmanager_notifications_failed_total',
  notifications: 'alertmanager_notifications_total',
} as const

/** Metrics that Prometheus writes about its alerts. */
export const OWN_METRICS = {
  alerts: 'ALERTS',
  /** Unix time at which each alert became active, in seconds. */
  alertsSince: 'ALERTS_FOR_STATE',
} as const

/** Metrics that k6 sends by remote write; durations are native histograms. */
export const LOAD_METRICS = {
  requests: 'k6_http_reqs_total',
  duration: 'k6_http_req_duration_seconds',
  clients: 'k6_vus',
} as const

/** Name of the service's container in its pod, as in the manifests in k8s/. */
export const CONTAINER = 'service'

/** Metrics of kube-state-metrics and cAdvisor that rules and dashboards read. No other metrics of theirs are stored. */
export const CLUSTER_METRICS = {
  deploymentReplicas: 'kube_deployment_spec_replicas',
  deploymentReplicasReady: 'kube_deployment_status_replicas_ready',
  statefulSetReplicas: 'kube_statefulset_replicas',
  statefulSetReplicasReady: 'kube_statefulset_status_replicas_ready',
  daemonSetPods: 'kube_daemonset_status_desired_number_scheduled',
  daemonSetPodsReady: 'kube_daemonset_status_number_ready',
  podReady: 'kube_pod_status_ready',
  podPhase: 'kube_pod_status_phase',
  /** Exists only while the pod is being deleted. */
  podDeletion: 'kube_pod_deletion_timestamp',
  containerRestarts: 'kube_pod_container_status_restarts_total',
  containerWaitingReason: 'kube_pod_container_status_waiting_reason',
  containerLastTerminatedReason: 'kube_pod_container_status_last_terminated_reason',
  containerLimits: 'kube_pod_container_resource_limits',
  containerRequests: 'kube_pod_container_resource_requests',
  autoscalerReplicas: 'kube_horizontalpodautoscaler_status_current_replicas',
  autoscalerDesiredReplicas: 'kube_horizontalpodautoscaler_status_desired_replicas',
  autoscalerMinReplicas: 'kube_horizontalpodautoscaler_spec_min_replicas',
  autoscalerMaxReplicas: 'kube_horizontalpodautoscaler_spec_max_replicas',
  containerCPU: 'container_cpu_usage_seconds_total',
  containerCPUPeriods: 'container_cpu_cfs_periods_total',
  containerCPUThrottledPeriods: 'container_cpu_cfs_throttled_periods_total',
  containerMemory: 'container_memory_working_set_bytes',
  /** With the id `/`: the traffic of the node. */
  containerNetworkReceived: 'container_network_receive_bytes_total',
  containerNetworkSent: 'container_network_transmit_bytes_total',
} as const

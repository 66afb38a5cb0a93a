/** The `job` labels that every scrape configuration of this project gives, whatever the platform. */
export const JOBS = {
  /** Each replica of the service, at its metrics port. */
  service: 'tipping-point',
  /** blackbox_exporter, asking the service for `/factors/97` from outside. */
  probe: 'tipping-point-probe',
  /** node_exporter. */
  node: 'node-exporter',
  /** What watches, watched. */
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
} as const

/** The `job` labels of what is scraped on a cluster only. */
export const CLUSTER_JOBS = {
  /** kube-state-metrics: what the cluster's objects ask for, and what they have. */
  kubeState: 'kube-state-metrics',
  /** cAdvisor in each node's kubelet: what containers use. */
  cadvisor: 'cadvisor',
} as const

/**
 * Selectors of the jobs that the operator's stack (kube-prometheus-stack) names otherwise: its cAdvisor is a path of the
 * kubelet's, and its own parts are named after the release.
 */
export const OPERATOR_JOBS = {
  cadvisor: `=~${CLUSTER_JOBS.cadvisor}|kubelet`,
  prometheus: `=~(.+-)?${JOBS.prometheus}`,
  alertmanager: `=~(.+-)?${JOBS.alertmanager}`,
} as const

/** The namespaces that are watched: the service's, and that of what watches. */
export const NAMESPACES = ['tipping-point', 'monitoring'] as const

/** The exporters' metrics that rules and dashboards name; the service's own are in its catalogue. */
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
  /** Tasks that run or wait for a CPU. */
  nodeRunnable: 'node_procs_running',
  nodeMajorFaults: 'node_vmstat_pgmajfault',
  nodeDiskBusy: 'node_disk_io_time_seconds_total',
  nodeNetworkReceived: 'node_network_receive_bytes_total',
  nodeNetworkSent: 'node_network_transmit_bytes_total',
  nodePressureCPU: 'node_pressure_cpu_waiting_seconds_total',
  nodePressureMemory: 'node_pressure_memory_waiting_seconds_total',
  nodePressureIO: 'node_pressure_io_waiting_seconds_total',
  ruleFailures: 'prometheus_rule_evaluation_failures_total',
  /** From Prometheus to an Alertmanager. */
  notificationErrors: 'prometheus_notifications_errors_total',
  /** From Alertmanager to where it delivers. */
  notificationsFailed: 'alertmanager_notifications_failed_total',
  notifications: 'alertmanager_notifications_total',
} as const

/** What Prometheus writes of its own alerts. */
export const OWN_METRICS = {
  alerts: 'ALERTS',
  /** When each became active, in seconds since the Unix epoch. */
  alertsSince: 'ALERTS_FOR_STATE',
} as const

/** What k6 sends by remote write; durations as native histograms. */
export const LOAD_METRICS = {
  requests: 'k6_http_reqs_total',
  duration: 'k6_http_req_duration_seconds',
  clients: 'k6_vus',
} as const

/** The service's container in its pod, as the manifests in k8s/ name it. */
export const CONTAINER = 'service'

/** The metrics that rules and dashboards name where there is a cluster. No other of these exporters' is stored. */
export const CLUSTER_METRICS = {
  deploymentReplicas: 'kube_deployment_spec_replicas',
  deploymentReplicasReady: 'kube_deployment_status_replicas_ready',
  podReady: 'kube_pod_status_ready',
  podPhase: 'kube_pod_status_phase',
  /** Of a pod that is being deleted only. */
  podDeletion: 'kube_pod_deletion_timestamp',
  containerRestarts: 'kube_pod_container_status_restarts_total',
  containerWaitingReason: 'kube_pod_container_status_waiting_reason',
  containerLastTerminatedReason: 'kube_pod_container_status_last_terminated_reason',
  containerLimits: 'kube_pod_container_resource_limits',
  containerRequests: 'kube_pod_container_resource_requests',
  autoscalerReplicas: 'kube_horizontalpodautoscaler_status_current_replicas',
  autoscalerDesiredReplicas: 'kube_horizontalpodautoscaler_status_desired_replicas',
  autoscalerMaxReplicas: 'kube_horizontalpodautoscaler_spec_max_replicas',
  containerCPU: 'container_cpu_usage_seconds_total',
  containerCPUPeriods: 'container_cpu_cfs_periods_total',
  containerCPUThrottledPeriods: 'container_cpu_cfs_throttled_periods_total',
  containerMemory: 'container_memory_working_set_bytes',
  /** Of the node, where the id is `/`. */
  containerNetworkReceived: 'container_network_receive_bytes_total',
  containerNetworkSent: 'container_network_transmit_bytes_total',
} as const

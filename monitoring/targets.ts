/** The `job` labels that every scrape configuration of this project gives, whatever the platform. */
export const JOBS = {
  /** Each replica of the service, at its metrics port. */
  service: 'tipping-point',
  /** blackbox_exporter, asking the service for `/factors/97` from outside. */
  probe: 'tipping-point-probe',
  /** node_exporter. */
  node: 'node-exporter',
} as const

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
} as const

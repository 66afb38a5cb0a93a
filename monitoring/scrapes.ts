import { SERVICE_CONFIG } from '../chosen-service.ts'
import type { Profile } from './profiles.ts'
import { JOBS } from './targets.ts'

const { path, statuses } = SERVICE_CONFIG.probe

/** Name of the probe's module in {@link probeConfiguration}. */
export const PROBE_MODULE = 'http_200'

/** Addresses of the targets, as `host:port`. */
export interface Targets {
  /**
   * File with the metrics addresses of the replicas, in the format of file_sd. Prometheus reads changes of the file.
   */
  readonly replicasFile: string
  /** The API, as clients reach it. */
  readonly api: string
  readonly blackboxExporter: string
  readonly nodeExporter: string
  readonly alertmanager: string
  readonly prometheus: string
}

/** Scrape of the outside probe: blackbox_exporter requests the API at `host:port`. `instance` is the requested URL. */
export const probeScrape = (api: string) => ({
  metrics_path: '/probe',
  params: { module: [PROBE_MODULE], target: [`http://${api}${path}`] },
  relabel_configs: [{ source_labels: ['__param_target'], target_label: 'instance' }],
})

const at = (address: string) => ({ static_configs: [{ targets: [address] }] })

/** Configuration of a Prometheus that runs on the same machine as the service. */
export const prometheusConfiguration = (profile: Profile, rules: readonly string[], targets: Targets) => ({
  global: { scrape_interval: profile.scrapeInterval, evaluation_interval: profile.evaluationInterval },
  rule_files: rules,
  alerting: { alertmanagers: [at(targets.alertmanager)] },
  scrape_configs: [
    { job_name: JOBS.service, file_sd_configs: [{ files: [targets.replicasFile], refresh_interval: '5s' }] },
    { job_name: JOBS.probe, ...probeScrape(targets.api), ...at(targets.blackboxExporter) },
    { job_name: JOBS.node, ...at(targets.nodeExporter) },
    { job_name: JOBS.prometheus, ...at(targets.prometheus) },
    { job_name: JOBS.alertmanager, ...at(targets.alertmanager) },
  ],
})

/** Configuration of blackbox_exporter: any other status is a failure. The timeout is Prometheus' scrape timeout. */
export const probeConfiguration = {
  modules: { [PROBE_MODULE]: { prober: 'http', http: { valid_status_codes: statuses, preferred_ip_protocol: 'ip4' } } },
}

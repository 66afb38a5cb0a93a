import type { Profile } from './profiles.ts'
import { JOBS } from './targets.ts'

/** What the outside probe asks for: a trivial calculation, so that it says how long a client waits, not how hard it asks. */
export const PROBED_PATH = '/factors/97'

/** Name of the probe's module in {@link probeConfiguration}. */
export const PROBE = 'http_200'

/** Where the things that are scraped are: `host:port` each. */
export interface Targets {
  /** File that lists the replicas' metrics addresses, in the format of file_sd; it is watched. */
  readonly replicasFile: string
  /** Of the API, as its clients see it. */
  readonly api: string
  readonly blackboxExporter: string
  readonly nodeExporter: string
  readonly alertmanager: string
  readonly prometheus: string
}

/**
 * The outside probe: blackbox_exporter, wherever it is discovered, asks the API at `host:port` as a client would. What it
 * asks is the `instance`.
 */
export const probeScrape = (api: string) => ({
  metrics_path: '/probe',
  params: { module: [PROBE], target: [`http://${api}${PROBED_PATH}`] },
  relabel_configs: [{ source_labels: ['__param_target'], target_label: 'instance' }],
})

/** The configuration of a Prometheus that runs beside the service on one machine. */
export const prometheusConfiguration = (profile: Profile, rules: readonly string[], targets: Targets) => ({
  global: { scrape_interval: profile.scrapeInterval, evaluation_interval: profile.evaluationInterval },
  rule_files: rules,
  alerting: { alertmanagers: [{ static_configs: [{ targets: [targets.alertmanager] }] }] },
  scrape_configs: [
    { job_name: JOBS.service, file_sd_configs: [{ files: [targets.replicasFile], refresh_interval: '5s' }] },
    {
      job_name: JOBS.probe,
      ...probeScrape(targets.api),
      static_configs: [{ targets: [targets.blackboxExporter] }],
    },
    { job_name: JOBS.node, static_configs: [{ targets: [targets.nodeExporter] }] },
    { job_name: JOBS.prometheus, static_configs: [{ targets: [targets.prometheus] }] },
    { job_name: JOBS.alertmanager, static_configs: [{ targets: [targets.alertmanager] }] },
  ],
})

/** The configuration of blackbox_exporter: anything but a 200 is a failure. Prometheus' scrape timeout bounds its patience. */
export const probeConfiguration = {
  modules: { [PROBE]: { prober: 'http', http: { valid_status_codes: [200], preferred_ip_protocol: 'ip4' } } },
}

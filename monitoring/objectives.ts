import { type catalogue, OBJECTIVE_BOUND } from '../src/telemetry/catalogue.ts'
import type { Duration } from './profiles.ts'

/** Objectives compare with bucket bounds of the service's histogram: other bounds could not be counted. */
type BucketBound = (typeof catalogue.requestDuration.buckets)[number]

/** Period of the objectives and of their error budgets. */
export const PERIOD: Duration = '30d'

/** The service level objectives over {@link PERIOD}. */
export const OBJECTIVES = {
  /** Minimum ratio of requests that are answered without a 5xx status. */
  availability: { ratio: 0.999 },
  /** Minimum ratio of requests that are answered within `seconds`. */
  latency: { ratio: 0.99, seconds: OBJECTIVE_BOUND satisfies BucketBound },
} as const

/**
 * Burn rates that fire an alert: in both windows, an error budget is spent more than `factor` times as fast as the
 * objective allows. Fast: 2 % of the budget in one hour, or 5 % in six hours. Slow: 10 % in one day, or in
 * three days. The short window is a twelfth of the long one, so that the alert clears soon after its cause has ended
 * (Google's SRE workbook, "Alerting on SLOs", table 5-8, with the usual fourth pair).
 */
export const BURN_RATES = {
  fast: [
    { factor: 14.4, long: '1h', short: '5m' },
    { factor: 6, long: '6h', short: '30m' },
  ],
  slow: [
    { factor: 3, long: '1d', short: '2h' },
    { factor: 1, long: '3d', short: '6h' },
  ],
} as const satisfies Record<string, readonly { factor: number; long: Duration; short: Duration }[]>

/**
 * Minimum number of bad requests (failed, or slower than the objective) in the window of an alert on a ratio or a
 * percentile. Of a handful of requests a ratio says nothing: the outside probe alone sends 20 requests in 5 minutes, of
 * which one is 5 %. With ten bad requests the standard error of the ratio is about a third of the ratio (1 / √10).
 * Prometheus extrapolates the number to the whole window: by at most 5 % in production, and 20 % in a drill, whose
 * window has 6 scrapes.
 */
export const MIN_BAD_REQUESTS = 10

/**
 * Share of a window that must have data before an alert reads it. With half of the window the ratio is at most twice
 * that of the whole window, should there be no other bad request in it.
 */
export const MIN_HISTORY = 0.5

/** Bounds of the alerts. Ratios are from 0 to 1. */
export const BOUNDS = {
  /** Maximum duration of the outside probe in seconds: four times the latency objective. */
  probeDuration: 4 * OBJECTIVES.latency.seconds,
  /** Maximum of the 95th percentile of the request duration, in seconds. */
  latency: OBJECTIVES.latency.seconds,
  /** Maximum ratio of failed requests: fifty times the objective, at which the error budget lasts about 15 hours. */
  errorRatio: 0.05,
  /** Maximum of the 99th percentile of the event loop lag, in seconds: 40 % of the latency objective. */
  eventLoopLag: 0.1,
  /** Maximum CPU usage of a node (kube-prometheus, NodeCPUHighUsage). */
  nodeCPU: 0.9,
  /** Maximum memory usage of a node (kube-prometheus, NodeMemoryHighUtilization). */
  nodeMemory: 0.9,
  /** Maximum load average over one minute for each CPU (kube-prometheus, NodeSystemSaturation). */
  nodeLoad: 2,
  /** Minimum ratio of available storage, for NodeStorageLow. */
  nodeStorage: 0.1,
  /**
   * Minimum ratio of available storage, for NodeStorageAlmostFull (kube-prometheus, NodeFilesystemAlmostOutOfSpace).
   */
  nodeStorageLast: 0.03,
  /**
   * Ratio of available storage below which a prediction counts (kubernetes-mixin, NodeFilesystemSpaceFillingUp). The
   * kubelet collects images at 85 % usage, so that a node with images is often between 80 and 85 % and fills up again
   * and again.
   */
  nodeStorageFilling: 0.15,
  /** Minimum ratio of free inodes (kube-prometheus, NodeFilesystemAlmostOutOfFiles). */
  nodeInodes: 0.05,
  /** Maximum ratio of CPU periods in which a container is throttled (kubernetes-mixin, CPUThrottlingHigh). */
  throttled: 0.25,
  /**
   * Requests during one scrape interval, of which the outside probe sends one. Below `none` there are no other
   * requests; above `some` there were.
   */
  traffic: { none: 2, some: 10 },
} as const

/**
 * Prediction of available storage: a line through the samples of `from`, extended by `ahead` (as in kube-prometheus).
 */
export const PREDICTION = { from: '6h', ahead: '24h' } as const satisfies Record<string, Duration>

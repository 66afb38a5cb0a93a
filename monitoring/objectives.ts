import { type catalogue, OBJECTIVE_BOUND } from '../src/telemetry/catalogue.ts'
import type { Duration } from './profiles.ts'

/** What the service has a bucket for: anything else could not be counted. */
type Bound = (typeof catalogue.requestDuration.buckets)[number]

/** What the objectives are about; their error budgets are of so long. */
export const PERIOD: Duration = '30d'

/** What users are promised, over {@link PERIOD}. */
export const OBJECTIVES = {
  /** Share of requests that are answered without a 5xx. */
  availability: { ratio: 0.999 },
  /** Share of requests that are answered within so many seconds. */
  latency: { ratio: 0.99, seconds: OBJECTIVE_BOUND satisfies Bound },
} as const

/** An error budget is spent so many times as fast as it lasts, over a long window, and still is, over a short one. */
interface BurnRate {
  readonly factor: number
  readonly long: Duration
  readonly short: Duration
}

/**
 * When a budget of 30 days burns too fast: what costs 2 % of it in an hour or 5 % in six wakes somebody; what costs 10 % in
 * one day or in three waits for working hours. A short window is a twelfth of the long one, so that an alert ends soon
 * after its cause (Google's SRE workbook, "Alerting on SLOs", table 5-8, with the usual fourth pair).
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
} as const satisfies Record<string, readonly BurnRate[]>

/** What the alerts compare with. Ratios are from 0 to 1. */
export const BOUNDS = {
  /** The outside probe asks for a trivial answer: after four times the objective, in seconds, it counts as none. */
  probeDuration: 4 * OBJECTIVES.latency.seconds,
  /** The 95th percentile must hold the objective's bound, in seconds. */
  latency: OBJECTIVES.latency.seconds,
  /** Fifty times what the objective allows: users notice, and a month's budget of failures is gone in 15 hours. */
  errorRatio: 0.05,
  /** 99th percentile of the event loop's lag, in seconds: a stall that takes a good part of the latency objective. */
  eventLoopLag: 0.1,
  /** Share of the node's CPU time in use (as kube-prometheus' NodeCPUHighUsage). */
  nodeCPU: 0.9,
  /** Share of the node's memory in use (as kube-prometheus' NodeMemoryHighUtilization). */
  nodeMemory: 0.9,
  /** The load average of a minute for each CPU: work waits for as long as it runs (as kube-prometheus' NodeSystemSaturation). */
  nodeLoad: 2,
  /** Share of a filesystem that is still available: time to tidy up. */
  nodeStorage: 0.1,
  /** The same, when writes are about to fail (as kube-prometheus' NodeFilesystemAlmostOutOfSpace). */
  nodeStorageLast: 0.03,
  /** The same, from which on it counts that it is filling up (as kube-prometheus' NodeFilesystemSpaceFillingUp). */
  nodeStorageFilling: 0.4,
  /** Share of a filesystem's inodes that are free (as kube-prometheus' NodeFilesystemAlmostOutOfFiles). */
  nodeInodes: 0.05,
  /** Share of the periods in which a container had to wait for its CPU limit (as kubernetes-mixin's CPUThrottlingHigh). */
  throttled: 0.25,
  /** Requests a scrape of the outside probe, which sends one: below the first there is no other traffic, above the second there was. */
  traffic: { none: 2, some: 10 },
} as const

/** How the available storage is foretold: by the line through the first length of time, for the second (as kube-prometheus). */
export const PREDICTION = { from: '6h', ahead: '24h' } as const satisfies Record<string, Duration>

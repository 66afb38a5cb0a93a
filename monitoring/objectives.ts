import { OBJECTIVE_BOUND } from '../src/telemetry/catalogue.ts'

/** What users are promised, over 30 days. */
const OBJECTIVES = {
  /** Share of requests that are answered without a 5xx. */
  availability: 0.999,
  /** Share of requests that are answered within so many seconds. */
  latency: { ratio: 0.99, seconds: OBJECTIVE_BOUND },
} as const

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
  /** Share of a filesystem that is still available. */
  nodeStorage: 0.1,
} as const

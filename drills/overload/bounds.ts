import { BOUNDS } from '../../monitoring/objectives.ts'

/** Bounds of the checks, and rates of the load. Times are in seconds, ratios from 0 to 1. */
export const DEMANDS = {
  /** Rate of the overload in multiples of one replica's capacity: the first rate, and the minimum. */
  overloadFactor: { first: 1.35, least: 1.3 },
  /** Maximum rate of the overload as a share of the capacity of all replicas. */
  spare: 0.8,
  /** Factor by which the rate is raised when one replica carries it. */
  raise: 1.2,
  /** Seconds after which the rate is raised. At 1.3 times the capacity, the queue is 2 s long after 9 s. */
  tipped: 12,
  /** Share of one replica's capacity that is offered in the steady state. */
  steadyStateFactor: 0.3,
  /** Seconds from the begin of the overload to the alert at its receiver. */
  delivered: 45,
  /** Seconds from the end of the overload to "resolved" at the receiver. */
  resolved: 90,
  /** Seconds from the begin of the overload until latency is in its bound, with an autoscaler. */
  autoscaled: 120,
  /**
   * Minimum scaling efficiency: capacity(N) / (N × capacity(1)). Each replica has a CPU limit of its own, so capacities add up
   * (measured: 0.95 to 1.0 on an idle machine, 0.8 beside two busy processes on two cores); at this bound, the first overload is
   * two thirds of what three replicas carry.
   */
  efficiency: 0.7,
  latency: BOUNDS.latency,
  failedRatio: 0.01,
  /** Seconds after which a client gives up a request. */
  requestTimeout: 2,
} as const

/** Lengths of the phases in seconds. */
export const PHASES = {
  steadyState: 20,
  /** The overload ends when its alerts are delivered; the minimum makes the overload visible on charts. */
  overload: { least: 25, most: DEMANDS.delivered + 5 },
  /** The overload with an autoscaler, whose measurements are a minute old and which adds pods one by one. */
  autoscaled: 150,
  scaled: 30,
} as const

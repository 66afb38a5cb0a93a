import { BOUNDS } from '../../monitoring/objectives.ts'

/** What a drill demands. Times are in seconds, ratios from 0 to 1. */
export const DEMANDS = {
  /** The overload in multiples of one replica's capacity: the first rate that is offered, and the lowest that counts. */
  overloadFactor: { first: 1.35, least: 1.3 },
  /** The overload is at most this share of what all replicas carry, so that they carry it with room. */
  spare: 0.8,
  /** A rate that one replica carries after all is raised by this factor. */
  raise: 1.2,
  /** Seconds in which an overload must show, else the rate is raised: at 1.3 times the capacity, what waits is 2 s late after 9. */
  tipped: 12,
  /** Share of one replica's capacity that is offered in the steady state. */
  steadyStateFactor: 0.3,
  /** Seconds from the begin of the overload to the alert at its receiver. */
  delivered: 45,
  /** Seconds from the end of the overload to "resolved" at the receiver. */
  resolved: 90,
  /** Seconds from the begin of the overload to latency in its bound, where the platform scales by itself. */
  autoscaled: 120,
  /**
   * Minimum scaling efficiency: capacity(N) / (N × capacity(1)). Each replica has a CPU limit of its own, so capacities add up
   * (measured: 0.95 to 1.0 on an idle machine, 0.8 beside two busy processes on two cores); at this bound, the first overload is
   * two thirds of what three replicas carry.
   */
  efficiency: 0.7,
  latency: BOUNDS.latency,
  failedRatio: 0.01,
  /** Seconds after which a client gives a request up. */
  requestTimeout: 2,
} as const

/** Lengths of the phases in seconds. */
export const PHASES = {
  steadyState: 20,
  /** The overload ends when its alerts are delivered: not before the first, so that its charts show it, and at the last. */
  overload: { least: 25, most: DEMANDS.delivered + 5 },
  /** The overload where the platform scales by itself: what the autoscaler measures is a minute old, and new pods come one by one. */
  autoscaled: 150,
  scaled: 30,
} as const

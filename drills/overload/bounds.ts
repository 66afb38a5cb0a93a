import { BOUNDS } from '../../monitoring/objectives.ts'
import { type Profile, secondsOf } from '../../monitoring/profiles.ts'

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
  /** Seconds from the start of the overload until latency is in its bound, with an autoscaler. */
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
  /** The overload ends when its alerts are delivered; this minimum makes the overload visible on charts. */
  overloadLeast: 25,
  /** The overload with an autoscaler, whose measurements are a minute old and which adds pods one by one. */
  autoscaled: 150,
  scaled: 30,
} as const

/** Seconds from the start of an overload until answers are late: at 1.3 times the capacity, the queue is 2 s long after 9 s. */
const QUEUE_SECONDS = 9
/** Seconds in which the drill scales, warms the replicas up and a busy machine catches up after an overload. */
const RECOVERY_SECONDS = 35

/** Bounds in seconds, by the timing of a profile. */
export interface DeliveryBounds {
  /** From the start of the overload to the alert at its receiver: 45 s in the profile drill, 219 s in production. */
  readonly delivered: number
  /** From the end of the overload to "resolved" at the receiver: 90 s in the profile drill, 455 s in production. */
  readonly resolved: number
}

/** The bounds of the delivery of an alert on latency. */
export function deliveryBounds(profile: Profile): DeliveryBounds {
  const { scrapeInterval, evaluationInterval, window, grouping } = profile
  // A change is seen at most one scrape and one evaluation late, both when the alert becomes pending and when it fires.
  const late = 2 * (secondsOf(scrapeInterval) + secondsOf(evaluationInterval))
  const wait = secondsOf(profile.for.degradation) + secondsOf(grouping.wait)
  return {
    delivered: QUEUE_SECONDS + late + wait,
    resolved: RECOVERY_SECONDS + late + secondsOf(window) + secondsOf(grouping.interval),
  }
}

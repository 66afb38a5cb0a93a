import { BOUNDS } from '../monitoring/objectives.ts'

/** What a drill demands. Times are in seconds, ratios from 0 to 1. */
export const DEMANDS = {
  /** The overload, as a share of what one replica was seen to carry: what is aimed at, and the least that is one. */
  overloadFactor: { aim: 1.4, least: 1.3 },
  /** Share of one replica's capacity that is offered while all is calm. */
  calmFactor: 0.3,
  /** From the overload's begin to the alert at its receiver. */
  delivered: 45,
  /** From the overload's end to "resolved" at the receiver. */
  resolved: 90,
  /** From the overload's begin to latency in its bound, where the platform scales by itself. */
  autoscaled: 120,
  latency: BOUNDS.latency,
  failedRatio: 0.01,
  /** After which a client gives a request up. */
  requestTimeout: 2,
  /** The share of N replicas' capacity that the overload should be at most, so that it is carried with some to spare. */
  spare: 0.9,
} as const

/** How long the phases of a drill take, in seconds. */
export interface Timing {
  /** Each rate that is tried for the capacity. */
  readonly hold: number
  readonly calm: number
  readonly overload: number
  /** The overload where the platform scales by itself: what it measures is a minute old, and new replicas come one by one. */
  readonly autoscaled: number
  readonly scaled: number
}

/** Long enough for figures to show people, and short enough for a test of every change. */
export const TIMINGS = {
  full: { hold: 20, calm: 30, overload: 50, autoscaled: 180, scaled: 50 },
  short: { hold: 5, calm: 15, overload: 46, autoscaled: 130, scaled: 20 },
} as const satisfies Record<string, Timing>

/** A value and the number of scrapes for which it holds. The value of a counter is its increase at each scrape. */
type Stretch = readonly [value: number, scrapes: number]
export type Stretches = readonly Stretch[]

/** Value of a gauge whose series does not exist: its target has gone away. */
export const STALE = Number.NaN

export const SCRAPES = 200

/** The scrape at which each incident begins: after a full window. */
export const INCIDENT_BEGIN = 30

export const sequence = (...stretches: Stretches) => stretches

/** One value for the whole test. */
export const steady = (value: number) => sequence([value, SCRAPES])

/** The value `rest`, and for some scrapes from {@link INCIDENT_BEGIN} on the value `bad`. */
export const incident = (rest: number, bad: number, scrapes = 40) =>
  sequence([rest, INCIDENT_BEGIN], [bad, scrapes], [rest, SCRAPES - INCIDENT_BEGIN - scrapes])

/** The value `rest`, and from {@link INCIDENT_BEGIN} to the end of the test the value `bad`. */
export const lasting = (rest: number, bad: number) => incident(rest, bad, SCRAPES - INCIDENT_BEGIN)

/** The same stretches with other values. */
export const mapStretches = (stretches: Stretches, change: (value: number) => number): Stretches =>
  stretches.map(([value, scrapes]) => [change(value), scrapes])

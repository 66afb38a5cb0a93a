import { load, type Run, type Server, startVariant } from './measure.ts'
import { VARIANT_NAMES, type Variant } from './variants.ts'

/** A run of each variant. */
export type Round = Readonly<Record<Variant, Run>>

/** Connections: enough to keep the server's core busy, and no more. */
const CONNECTIONS = 96

/** Seconds of load before the first slice, for the compiler to have seen all of the code. */
const WARM_UP_SECONDS = 1

/** Seconds of a slice: short, so that other work on the machine meets all variants alike. */
const SLICE_SECONDS = 0.25

/**
 * Runs each variant in a process of its own for `seconds`, in slices by turns; the order changes with each slice.
 * Asks for `/`, a trivial answer: the less a request does, the more its telemetry weighs.
 */
export async function runRound(binary: string, seconds: number, round: number): Promise<Round> {
  const servers = new Map<Variant, Server>()
  const runs = new Map<Variant, Run[]>()
  try {
    for (const variant of VARIANT_NAMES) servers.set(variant, await startVariant(binary, variant))
    for (const server of servers.values()) await load(server, CONNECTIONS, WARM_UP_SECONDS)
    const turns = [...servers]
    for (let slice = 0; slice < seconds / SLICE_SECONDS; slice++) {
      const first = (round + slice) % turns.length
      for (const [variant, server] of [...turns.slice(first), ...turns.slice(0, first)]) {
        const run = await load(server, CONNECTIONS, SLICE_SECONDS)
        runs.set(variant, [...(runs.get(variant) ?? []), run])
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop()
  }
  return Object.fromEntries([...runs].map(([variant, slices]) => [variant, joined(slices)])) as Round
}

/** Slices as one run. Its 99th percentile is the median of theirs. */
function joined(slices: readonly Run[]): Run {
  const sum = (figure: 'requests' | 'seconds' | 'cpu' | 'idle') =>
    slices.reduce((total, slice) => total + slice[figure], 0)
  const longest = Math.max(...slices.map(slice => slice.longest))
  const p99 = median(slices.map(slice => slice.p99))
  return { requests: sum('requests'), seconds: sum('seconds'), cpu: sum('cpu'), idle: sum('idle'), p99, longest }
}

/** The quantile `q` (0 to 1) of some values, interpolated between the nearest two. */
export function quantile(q: number, values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = q * (sorted.length - 1)
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]]
  return below + (above - below) * (rank - Math.floor(rank))
}

export const median = (values: readonly number[]) => quantile(0.5, values)

/** The figures of a variant over all rounds: medians where nothing else is said. */
export interface Figures {
  readonly variant: Variant
  readonly requestsPerSecond: number
  /** Ratios of the rate to another variant's in the same round. */
  readonly ofBare: { readonly least: number; readonly lowerQuartile: number; readonly median: number }
  /** CPU time of a request in microseconds. */
  readonly cpuMicroseconds: number
  readonly p99Ms: number
  /** Share of the time in which the server's core was busy. Where the core idles, something else was the limit. */
  readonly busy: number
  /** Share of the core that the server's process used. Where the core is busy for others, rates mean nothing. */
  readonly used: number
}

const rateOf = ({ requests, seconds }: Run) => requests / seconds

/** Ratios of the rate of one variant to the rate of another, one for each round. */
export const ratiosOf = (rounds: readonly Round[], variant: Variant, base: Variant) =>
  rounds.map(round => rateOf(round[variant]) / rateOf(round[base]))

export function figuresOf(variant: Variant, rounds: readonly Round[]): Figures {
  const of = (figure: (run: Run) => number) => median(rounds.map(round => figure(round[variant])))
  const ratios = ratiosOf(rounds, variant, 'bare')
  return {
    variant,
    requestsPerSecond: of(rateOf),
    ofBare: { least: Math.min(...ratios), lowerQuartile: quantile(0.25, ratios), median: median(ratios) },
    cpuMicroseconds: of(({ cpu, requests }) => (1e6 * cpu) / requests),
    p99Ms: of(({ p99 }) => 1000 * p99),
    busy: of(({ idle, seconds }) => 1 - idle / seconds),
    used: of(({ cpu, seconds }) => cpu / seconds),
  }
}

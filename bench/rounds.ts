import { load, type Run, type Server, startServer } from './measure.ts'

/** What is compared; the first is what the others are held against. */
export const VARIANTS = ['bare', 'metrics', 'ids', 'logs', 'naive'] as const

export type Variant = (typeof VARIANTS)[number]

/** A run of each variant, one after the other. */
export type Round = Readonly<Record<Variant, Run>>

/** Connections at a time: enough to keep the server's core busy, and no more. */
const CONNECTIONS = 96

/** Seconds of load before the first slice, for the compiler to have seen it all. */
const WARM_UP = 1

/** How often the variants take turns in a round: what else the machine does meets them all alike. */
const SLICES = 4

/**
 * Runs every variant, each in a process of its own. They take turns in slices, in an order that is another one each time;
 * while one is loaded the others idle.
 */
export async function runRound(binary: string, path: string, seconds: number, round: number): Promise<Round> {
  const servers = new Map<Variant, Server>()
  const slices = new Map<Variant, Run[]>(VARIANTS.map(variant => [variant, []]))
  try {
    for (const variant of VARIANTS) servers.set(variant, await startServer(binary, variant))
    for (const server of servers.values()) await load(server, path, CONNECTIONS, WARM_UP)
    for (let slice = 0; slice < SLICES; slice++)
      for (const i of VARIANTS.keys()) {
        const variant = VARIANTS[(i + round + slice) % VARIANTS.length] as Variant
        const run = await load(servers.get(variant) as Server, path, CONNECTIONS, seconds / SLICES)
        slices.get(variant)?.push(run)
      }
  } finally {
    for (const server of servers.values()) await server.stop()
  }
  return Object.fromEntries([...slices].map(([variant, runs]) => [variant, whole(runs)])) as Round
}

/** Slices as one run; its 99th percentile is the median of theirs. */
function whole(runs: readonly Run[]): Run {
  const sum = (figure: 'requests' | 'seconds' | 'cpu' | 'idle') => runs.reduce((sum, run) => sum + run[figure], 0)
  const longest = Math.max(...runs.map(run => run.longest))
  const p99 = median(runs.map(run => run.p99))
  return { requests: sum('requests'), seconds: sum('seconds'), cpu: sum('cpu'), idle: sum('idle'), p99, longest }
}

export const median = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 0
    ? ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
    : (sorted[Math.floor(middle)] as number)
}

/** The figures of a variant: medians over the rounds; ratios are of each round, to the bare one of the same. */
export interface Figures {
  readonly variant: Variant
  /** Requests a second. */
  readonly rate: number
  readonly ratio: number
  /** The least and the greatest ratio. */
  readonly spread: readonly [number, number]
  /** CPU time of a request, in microseconds. */
  readonly cpu: number
  /** In milliseconds. */
  readonly p99: number
  /** The share of the time in which the server's core was busy: where it idles, something else was the limit. */
  readonly busy: number
}

export function figuresOf(variant: Variant, rounds: readonly Round[]): Figures {
  const rate = ({ requests, seconds }: Run) => requests / seconds
  const of = (figure: (run: Run) => number) => median(rounds.map(round => figure(round[variant])))
  const ratios = rounds.map(round => rate(round[variant]) / rate(round.bare))
  return {
    ...{ variant, rate: of(rate), ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] },
    cpu: of(({ cpu, requests }) => (1e6 * cpu) / requests),
    p99: of(({ p99 }) => 1000 * p99),
    busy: of(({ idle, seconds }) => 1 - idle / seconds),
  }
}

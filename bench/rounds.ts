import { load, type Run, startServer } from './measure.ts'

/** What is compared; the first is what the others are held against. */
export const VARIANTS = ['bare', 'metrics', 'ids', 'logs', 'naive'] as const

export type Variant = (typeof VARIANTS)[number]

/** A run of each variant, one after the other. */
export type Round = Readonly<Record<Variant, Run>>

/** Connections at a time: enough to keep the server's core busy, and no more. */
const CONNECTIONS = 32

/** Seconds of load before each run, for the compiler to have seen it all. */
const WARM_UP = 1

/** Runs every variant once, each in a process of its own, in an order that is another one each round. */
export async function runRound(binary: string, path: string, seconds: number, round: number): Promise<Round> {
  const order = VARIANTS.map((_, i) => VARIANTS[(i + round) % VARIANTS.length] as Variant)
  const runs: Partial<Record<Variant, Run>> = {}
  for (const variant of order) {
    const server = await startServer(binary, variant)
    try {
      await load(server, path, CONNECTIONS, WARM_UP)
      runs[variant] = await load(server, path, CONNECTIONS, seconds)
    } finally {
      await server.stop()
    }
  }
  return runs as Round
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
  /** The share of its core that the server used: below one, something else was the limit. */
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
    busy: of(({ cpu, seconds }) => cpu / seconds),
  }
}

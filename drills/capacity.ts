import { INPUTS } from '../loadtest/inputs.ts'
import type { Capacity, LoadResult } from './story.ts'

/** Shares of the estimate that are tried, the highest first: near 1 the queue grows without end. */
const SHARES = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5]

/** Where the highest share is held, the estimate was too low: higher rates are tried, each so many times the last, and so often. */
const CLIMB = { step: 1.06, times: 8 }

/** A rate that is not held for a part of the time is given up: this part. */
const TRIAL = 4

/** Clients of the estimate: enough to keep every core of a small machine busy. */
const CLIENTS = 8

/** Seconds of the estimate. */
const SECONDS = 4

/**
 * The capacity of the replicas that run: the highest rate that was held for `duration` seconds.
 * An estimate from clients that wait for their answers is the first guess; k6's open load then decides.
 * @param hold offers a rate for so many seconds, and says how it went
 */
export async function measureCapacity(
  api: string,
  replicas: number,
  duration: number,
  hold: (rate: number, duration: number) => Promise<LoadResult>,
  signal: AbortSignal,
  cost: keyof typeof INPUTS = 'heavy',
): Promise<Capacity> {
  const most = await estimate(api, INPUTS[cost][0], { signal })
  const runs: LoadResult[] = []
  const attempt = async (rate: number, seconds: number) => {
    const run = await hold(rate, seconds)
    runs.push(run)
    return run.held
  }
  const trial = (rate: number) => attempt(rate, duration / TRIAL)
  // A new replica is cold, and a short trial has room for no bad moment: it gets a second one.
  const isHeld = async (rate: number) => ((await trial(rate)) || (await trial(rate))) && (await attempt(rate, duration))

  for (const share of SHARES) {
    let rate = Math.floor(share * most)
    if (!(await isHeld(rate))) continue
    for (let times = 0; share === SHARES[0] && times < CLIMB.times; times++) {
      const next = Math.ceil(CLIMB.step * rate)
      if (!(await isHeld(next))) break
      rate = next
    }
    return { replicas, rate, runs }
  }
  const [last] = runs.slice(-1)
  throw new Error(
    `no rate was held by ${replicas} replica(s): even at ${last?.rate}/s, of ${most}/s that were answered before, the 95th ` +
      `percentile was ${last?.latency.p95.toFixed(3)} s and ${last?.wrong} answers were wrong; is the machine busy with something else?`,
  )
}

/**
 * Requests a second that a few clients get answered, each asking again when it has its answer: the best second, because a
 * noisy machine only ever slows them. Each request has a connection of its own by default: they are balanced when made.
 */
export async function estimate(
  api: string,
  input: number,
  { connection = 'close', signal = null }: { connection?: 'close' | 'keep-alive'; signal?: AbortSignal | null } = {},
): Promise<number> {
  const answered = Array.from({ length: SECONDS }, () => 0)
  const begin = performance.now()
  const second = () => Math.floor((performance.now() - begin) / 1000)
  const client = async () => {
    while (second() < SECONDS) {
      const response = await fetch(`${api}/factors/${input}`, { signal, headers: { connection } })
      await response.arrayBuffer()
      const now = second()
      if (now < SECONDS) answered[now] = (answered[now] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return Math.max(...answered)
}

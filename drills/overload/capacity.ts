import { UserError } from '../../lib/user-error.ts'

import { DEMANDS } from './bounds.ts'
import type { Capacity, LoadResult } from './overload-result.ts'

/**
 * Concurrent clients for each replica. Enough that a replica always has one to serve (measured: 4 for each of 3 replicas leave
 * one idle at times, 6 and 8 do not); few enough that the 95th percentile of latency stays in the objective.
 */
export const CLIENTS_PER_REPLICA = 6

/** Length of a run in seconds. */
const RUN = 4

/** Runs: never one alone, because a new replica is cold and a machine noisy; the most bounds the time to 20 s. */
const RUNS = { least: 2, most: 4 }

/** A run that answers more than this many times the best so far shows that the replicas were still getting faster. */
const RISE = 1.05

/**
 * Measures the maximum throughput of the replicas that run: clients ask again as soon as they have their answer, in short runs
 * that are repeated until the rate no longer rises. Takes 10 to 20 seconds. Throws a {@link UserError} where
 * requests fail or answers are wrong.
 * @param run offers the load of so many clients for so many seconds; `rate` of its result is what was answered per second
 */
export async function measureCapacity(
  replicas: number,
  run: (clients: number, seconds: number) => Promise<LoadResult>,
): Promise<Capacity> {
  const clients = CLIENTS_PER_REPLICA * replicas
  const runs: LoadResult[] = []
  let rate = 0
  while (runs.length < RUNS.most) {
    const result = await run(clients, RUN)
    runs.push(result)
    if (result.failedRatio > DEMANDS.failedRatio)
      throw new UserError(
        `${(result.failedRatio * 100).toFixed(1)} % of the requests of ${clients} clients failed; see the replicas' logs`,
      )
    if (result.wrong > 0)
      throw new UserError(
        `${result.wrong} answers to ${clients} clients were wrong; is something else at that address?`,
      )
    const isRising = result.rate > RISE * rate
    rate = Math.max(rate, result.rate)
    if (runs.length >= RUNS.least && !isRising) break
  }
  return { replicas, rate, clients, runs }
}

import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { UserError } from '../../lib/user-error.ts'

import { DEMANDS } from './bounds.ts'
import type { Capacity, LoadResult } from './overload-result.ts'

/** Length of a run in seconds. */
const RUN = 4

/** Number of runs: at least two, because a new replica is cold; at most four, which take 20 s. */
const RUNS = { least: 2, most: 4 }

/** A run faster than the best so far by this factor shows that the replicas were still warming up. */
const RISE = 1.05

/**
 * Measures the maximum throughput of the running replicas: each client sends its next request when it gets an answer.
 * Repeats short runs until the rate no longer rises; takes 10 to 20 seconds. Throws a {@link UserError} when requests fail or
 * answers are wrong.
 * @param run runs the load; `rate` of its result is the number of answered requests per second
 */
export async function measureCapacity(
  replicas: number,
  run: (clients: number, seconds: number) => Promise<LoadResult>,
): Promise<Capacity> {
  const clients = SERVICE_CONFIG.load.clients * replicas
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
        `${result.wrong} answers to ${clients} clients were wrong; stop the other program at that address`,
      )
    const isRising = result.rate > RISE * rate
    rate = Math.max(rate, result.rate)
    if (runs.length >= RUNS.least && !isRising) break
  }
  return { replicas, rate, clients, runs }
}

import { join, relative } from 'node:path'
import type { INPUTS } from '../../loadtest/inputs.ts'
import type { LoadRun, Platform } from '../../platforms/platform.ts'
import type { LoadResult } from './overload-result.ts'

/** A run of load: requests a second, or clients that ask again as soon as they have their answer. */
export interface Offer {
  readonly rate?: number
  readonly clients?: number
  /** Seconds. */
  readonly duration: number
  readonly seed?: number
  /** Seconds after which a client gives a request up. */
  readonly timeout?: number
  /** What a request costs, and whether clients keep their connections; the defaults are those of the scenario. */
  readonly cost?: keyof typeof INPUTS
  readonly keepAlive?: 'on' | 'off'
}

/**
 * Runs the load with k6 and returns what its summary says; the summary and k6's output are kept in `folder` by `name`.
 * Without a rate, `rate` of the result is what was answered per second.
 */
export async function offer(
  platform: Platform,
  { rate, clients, duration, seed, timeout, cost, keepAlive }: Offer,
  name: string,
  folder: string,
  signals: Pick<LoadRun, 'signal' | 'end'> = {},
): Promise<LoadResult> {
  const summary = join(folder, `${name}.k6.json`)
  const given = {
    RATE: rate,
    CLIENTS: clients,
    DURATION: duration,
    SEED: seed,
    TIMEOUT: timeout,
    COST: cost,
    KEEP_ALIVE: keepAlive,
  }
  const variables = Object.fromEntries(
    Object.entries({ ...given, SUMMARY: summary }).map(([name, value]) => [
      name,
      value === undefined ? undefined : `${value}`,
    ]),
  )
  const scenario = rate === undefined ? 'capacity' : 'load'
  await platform.load({ scenario, variables, log: join(folder, `${name}.k6.log`), ...signals })
  const figures = (await Bun.file(summary).json()) as Omit<LoadResult, 'summary'>
  const answered = Math.round((figures.requests * (1 - figures.failedRatio)) / (figures.end - figures.begin))
  return { ...figures, rate: rate ?? answered, summary: relative(folder, summary) }
}

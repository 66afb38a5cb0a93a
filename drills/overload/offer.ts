import { join, relative } from 'node:path'
import type { LoadRun, Platform } from '../../platforms/platform.ts'
import type { Cost } from '../../service.config.ts'
import type { LoadResult } from './overload-result.ts'

/** A load: `rate` in requests per second, or `clients` that each send the next request when they get an answer. */
export interface Offer {
  readonly rate?: number
  readonly clients?: number
  /** Seconds. */
  readonly duration: number
  readonly seed?: number
  /** Seconds after which a client gives up a request. */
  readonly timeout?: number
  /** Cost of a request, and whether clients keep their connections. Default: that of the scenario. */
  readonly cost?: Cost
  readonly keepAlive?: 'on' | 'off'
}

/**
 * Runs the load with k6 and returns the figures of the summary. Writes summary and output of k6 to `folder` by `name`.
 * Without a rate, `rate` of the result is the number of answered requests per second.
 */
export async function offer(
  platform: Pick<Platform, 'load'>,
  { rate, clients, duration, seed, timeout, cost, keepAlive }: Offer,
  name: string,
  folder: string,
  signals: Pick<LoadRun, 'signal' | 'end'> = {},
): Promise<LoadResult> {
  const summary = join(folder, `${name}.k6.json`)
  const given = { RATE: rate, CLIENTS: clients, DURATION: duration, SEED: seed, TIMEOUT: timeout, SUMMARY: summary }
  const variables = Object.fromEntries(
    Object.entries({ ...given, COST: cost, KEEP_ALIVE: keepAlive }).map(([name, value]) => [name, value?.toString()]),
  )
  const scenario = rate === undefined ? 'capacity' : 'load'
  await platform.load({ scenario, variables, log: join(folder, `${name}.k6.log`), ...signals })
  const figures = (await Bun.file(summary).json()) as Omit<LoadResult, 'summary'>
  const answered = Math.round((figures.requests * (1 - figures.failedRatio)) / (figures.end - figures.begin))
  return { ...figures, rate: rate ?? answered, summary: relative(folder, summary) }
}

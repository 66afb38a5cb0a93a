import { join, relative } from 'node:path'
import type { Platform } from '../platforms/platform.ts'
import type { LoadResult } from './story.ts'

/** What is offered. */
export interface Offer {
  /** Requests a second. */
  readonly rate: number
  readonly duration: number
  readonly seed: number
  readonly timeout: number
}

/** Runs the load with k6 and returns what its summary says; the summary and k6's output are kept in `folder` by `name`. */
export async function offer(
  platform: Platform,
  { rate, duration, seed, timeout }: Offer,
  name: string,
  folder: string,
  signal: AbortSignal,
): Promise<LoadResult> {
  const summary = join(folder, `${name}.k6.json`)
  const variables = {
    RATE: `${rate}`,
    DURATION: `${duration}`,
    SEED: `${seed}`,
    TIMEOUT: `${timeout}`,
    SUMMARY: summary,
  }
  await platform.load({ scenario: 'load', variables, log: join(folder, `${name}.k6.log`), signal })
  const figures = (await Bun.file(summary).json()) as Omit<LoadResult, 'summary'>
  return { ...figures, rate, summary: relative(folder, summary) }
}

// Hours and days of requests, and what the error budgets' alerts make of them. One scrape and one evaluation a minute.
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import type { InputSeries } from './promtool.ts'
import { SERVICE } from './series.ts'

const { requests, requestDuration } = catalogue

/** So many requests a minute, of which so many are bad, for so many minutes. */
export type Minutes = readonly [requests: number, bad: number, minutes: number]

/** promtool's notation of a counter that begins at a value and rises by so much, so many times. */
const rise = (begin: number, by: number, times: number) => `${begin}+${by}x${times - 1}`

/** A counter over stretches of minutes; `restart` begins each of them at 0, as a new process does. */
function counter(
  metric: string,
  labels: Record<string, string>,
  rises: readonly (readonly [number, number])[],
  restart: boolean,
): InputSeries {
  let value = 0
  const values = rises.map(([by, minutes]) => {
    const begin = restart ? 0 : value
    value = begin + by * minutes
    return rise(begin, by, minutes)
  })
  return { series: select(metric, { ...SERVICE, ...labels }), values: values.join(' ') }
}

/** Requests that fail, as the counters tell of them. */
export const failing = (stretches: readonly Minutes[], restart = false): InputSeries[] => {
  const status = (code: string, of: (stretch: Minutes) => number) =>
    counter(
      requests.name,
      { [requests.labels.status]: code },
      stretches.map(stretch => [of(stretch), stretch[2]]),
      restart,
    )
  return [status('200', ([all, bad]) => all - bad), status('500', ([, bad]) => bad)]
}

/** Requests that are answered too late, as the histogram tells of them. */
export const late = (stretches: readonly Minutes[]): InputSeries[] => {
  const series = (suffix: string, labels: Record<string, string>, of: (stretch: Minutes) => number) =>
    counter(
      `${requestDuration.name}_${suffix}`,
      labels,
      stretches.map(stretch => [of(stretch), stretch[2]]),
      false,
    )
  return [
    series('bucket', { le: `${OBJECTIVE_BOUND}` }, ([all, bad]) => all - bad),
    series('bucket', { le: '+Inf' }, ([all]) => all),
    series('count', {}, ([all]) => all),
  ]
}

// Series of hours and days of requests. One scrape and one evaluation a minute.
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import { type InputSeries, type Labels, SERVICE } from './input-series.ts'

const { requests, requestDuration } = catalogue

/** Requests and bad requests a minute, and the number of minutes. */
export type Minutes = readonly [requests: number, bad: number, minutes: number]

/** A counter in promtool's notation. With `restarts`, the process restarts before each stretch, and the counter begins at 0. */
function minuteCounter(
  metric: string,
  labels: Labels,
  stretches: readonly Minutes[],
  perMinute: (requests: number, bad: number) => number,
  restarts = false,
): InputSeries {
  let value = 0
  const values = stretches.map(([requests, bad, minutes]) => {
    const begin = restarts ? 0 : value
    const increase = perMinute(requests, bad)
    value = begin + increase * minutes
    return `${begin}+${increase}x${minutes - 1}`
  })
  return { series: select(metric, { ...SERVICE, ...labels }), values: values.join(' ') }
}

const byStatus = (stretches: readonly Minutes[], restarts: boolean) => {
  const { status } = requests.labels
  return [
    minuteCounter(requests.name, { [status]: '200' }, stretches, (all, bad) => all - bad, restarts),
    minuteCounter(requests.name, { [status]: '500' }, stretches, (_, bad) => bad, restarts),
  ]
}

/** Counters of requests of which the bad ones fail. */
export const failingRequests = (...stretches: readonly Minutes[]) => byStatus(stretches, false)

/** The same, where the process restarts before each stretch. */
export const restartingRequests = (...stretches: readonly Minutes[]) => byStatus(stretches, true)

/** Histogram of requests of which the bad ones are too slow. */
export const lateRequests = (...stretches: readonly Minutes[]) => {
  const { name } = requestDuration
  return [
    minuteCounter(`${name}_bucket`, { le: `${OBJECTIVE_BOUND}` }, stretches, (all, bad) => all - bad),
    minuteCounter(`${name}_bucket`, { le: '+Inf' }, stretches, all => all),
    minuteCounter(`${name}_count`, {}, stretches, all => all),
  ]
}

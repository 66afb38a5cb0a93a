// Series of hours and days of requests. One scrape and one evaluation a minute.
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import type { InputSeries, Labels } from './input-series.ts'
import { SERVICE_LABELS } from './labels.ts'

const { requests, requestDuration } = catalogue

/** Requests and bad requests a minute, and the number of minutes. */
type Minutes = readonly [requests: number, bad: number, minutes: number]

/** A counter in promtool's notation. */
function minuteCounter(
  metric: string,
  labels: Labels,
  stretches: readonly Minutes[],
  perMinute: (requests: number, bad: number) => number,
): InputSeries {
  let value = 0
  const values = stretches.map(([requests, bad, minutes]) => {
    const begin = value
    const increase = perMinute(requests, bad)
    value += increase * minutes
    return `${begin}+${increase}x${minutes - 1}`
  })
  return { series: select(metric, { ...SERVICE_LABELS, ...labels }), values: values.join(' ') }
}

/** Counters of requests of which the bad ones fail. */
export function failingRequests(...stretches: readonly Minutes[]): InputSeries[] {
  const { name, labels } = requests
  return [
    minuteCounter(name, { [labels.status]: '200' }, stretches, (all, bad) => all - bad),
    minuteCounter(name, { [labels.status]: '500' }, stretches, (_, bad) => bad),
  ]
}

/** Histogram of requests of which the bad ones are too slow. */
export function lateRequests(...stretches: readonly Minutes[]): InputSeries[] {
  const { name } = requestDuration
  return [
    minuteCounter(`${name}_bucket`, { le: `${OBJECTIVE_BOUND}` }, stretches, (all, bad) => all - bad),
    minuteCounter(`${name}_bucket`, { le: '+Inf' }, stretches, all => all),
    minuteCounter(`${name}_count`, {}, stretches, all => all),
  ]
}

import { scrape } from '../lib/exposition.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { until } from './until.ts'

/** Waits until a service has requests in flight; throws after half a minute without. */
export async function untilInFlight(metricsUrl: string): Promise<void> {
  const inFlight = async () => (await scrape(metricsUrl)).get(catalogue.requestsInFlight.name) ?? 0
  await until(30, 'a request is in flight', async () => (await inFlight()) > 0)
}

/** The series whose value rose between two scrapes, with the rise; new series rise from 0. */
export function rises(before: Map<string, number>, after: Map<string, number>, name: string): Record<string, number> {
  const risen = [...after].filter(
    ([series, value]) => series.startsWith(`${name}{`) && value > (before.get(series) ?? 0),
  )
  return Object.fromEntries(risen.map(([series, value]) => [series, value - (before.get(series) ?? 0)]))
}

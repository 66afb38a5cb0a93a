import { catalogue } from '../src/telemetry/catalogue.ts'
import { until } from './until.ts'

/** The samples of a Prometheus text exposition, by series (name and labels as written). */
export function samples(exposition: string): Map<string, number> {
  const lines = exposition.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

/** Scrapes an address as Prometheus does. */
export async function scrape(metricsUrl: string): Promise<Map<string, number>> {
  return samples(await (await fetch(metricsUrl)).text())
}

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

import { expect } from 'bun:test'
import { scrape } from '../lib/exposition.ts'
import type { ServiceProcess } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { rises, untilInFlight } from './exposition.ts'
import { seriesOf } from './series.ts'
import { until } from './until.ts'

/** A request, and how it must be counted. */
export interface Row {
  readonly case: string
  readonly path: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
  /** Status that the client sees; absent where it closes the connection. */
  readonly sees?: number
  /** When the client closes the connection: while waiting for the answer, or while reading its body. */
  readonly hangsUp?: 'waiting' | 'reading'
  /** Labels under which the request is counted, where they are not the path, the method and the status seen. */
  readonly counted?: { route?: string; method?: string; status?: number }
  readonly exception?: string
}

/** Sends a request, and expects that it and its duration are counted once, with the right labels. */
export async function expectCountedOnce(service: ServiceProcess, row: Row): Promise<void> {
  const before = await scrape(service.metricsUrl)
  expect(await send(service, row)).toBe(row.sees)
  const after = await scrapeAfter(before, service.metricsUrl)

  const { route = row.path.split('?')[0], method = row.method ?? 'GET', status = row.sees } = row.counted ?? {}
  const { requests, requestDuration, exceptions } = catalogue
  const labels = { method, route: `${route}`, status: `${status}` }
  expect(rises(before, after, requests.name)).toEqual({ [seriesOf(requests, labels)]: 1 })
  expect(rises(before, after, `${requestDuration.name}_count`)).toEqual({
    [seriesOf(requestDuration, labels, '_count')]: 1,
  })
  const thrown = row.exception && { [seriesOf(exceptions, { route: `${route}`, type: row.exception })]: 1 }
  expect(rises(before, after, catalogue.exceptions.name)).toEqual(thrown || {})
}

/** Sends the request of a row; returns its status, or undefined without a whole answer. */
async function send(
  { url, metricsUrl }: ServiceProcess,
  { path, method = 'GET', body, headers = {}, hangsUp }: Row,
): Promise<number | undefined> {
  const client = new AbortController()
  const init: RequestInit = { method, signal: client.signal, headers: { ...headers } }
  if (body !== undefined) Object.assign(init, { body, headers: { 'content-type': 'application/json' } })
  const answering = fetch(url + path, init)
  try {
    if (hangsUp === 'waiting') {
      await untilInFlight(metricsUrl)
      client.abort()
    }
    const response = await answering
    if (hangsUp === 'reading') client.abort()
    await response.arrayBuffer()
    return response.status
  } catch (error) {
    if (hangsUp === undefined) throw error
    return undefined
  }
}

/** Scrapes until one more request is counted and none is in flight. Throws after 30 s. */
async function scrapeAfter(before: Map<string, number>, metricsUrl: string): Promise<Map<string, number>> {
  let seen = before
  await until(30, 'the request is counted, and none is in flight', async () => {
    seen = await scrape(metricsUrl)
    const counted = Object.keys(rises(before, seen, catalogue.requests.name)).length > 0
    return counted && seen.get(catalogue.requestsInFlight.name) === 0
  })
  return seen
}

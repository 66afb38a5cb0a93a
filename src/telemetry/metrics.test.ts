import { expect, test } from 'bun:test'
import { seriesOf } from '../../test/series.ts'
import { catalogue, EXCEPTION_TYPES, OBJECTIVE_BOUND } from './catalogue.ts'
import { Metrics } from './metrics.ts'

const { requests, exceptions, requestDuration } = catalogue
const ROOT = { method: 'GET', route: '/' }

const lines = async (metrics: Metrics, name: string) =>
  (await metrics.registry.getSingleMetricAsString(name)).split('\n').filter(line => !line.startsWith('#'))

test('declared routes exist at zero, with every type of exception', async () => {
  const metrics = new Metrics()
  metrics.declareRoutes([{ ...ROOT, statuses: [200, 500] }])
  expect(await lines(metrics, requests.name)).toEqual(
    [200, 500].map(status => `${seriesOf(requests, { ...ROOT, status })} 0`),
  )
  expect(await lines(metrics, exceptions.name)).toEqual(
    EXCEPTION_TYPES.map(type => `${seriesOf(exceptions, { route: '/', type })} 0`),
  )
  expect(await lines(metrics, requestDuration.name)).toContain(
    `${seriesOf(requestDuration, { le: OBJECTIVE_BOUND, ...ROOT, status: 500 }, '_bucket')} 0`,
  )
})

test('a request is counted and timed', async () => {
  const metrics = new Metrics()
  metrics.requestAnswered('GET', '/', 200, 0.07)
  const ok = { ...ROOT, status: 200 }
  expect(await lines(metrics, requests.name)).toEqual([`${seriesOf(requests, ok)} 1`])
  const bucket = (le: number | '+Inf') =>
    `${seriesOf(requestDuration, { le, ...ok }, '_bucket')} ${le === '+Inf' || le >= 0.07 ? 1 : 0}`
  expect(await lines(metrics, requestDuration.name)).toEqual([
    ...[...requestDuration.buckets, '+Inf' as const].map(bucket),
    `${seriesOf(requestDuration, ok, '_sum')} 0.07`,
    `${seriesOf(requestDuration, ok, '_count')} 1`,
  ])
})

test('a scrape changes nothing that the next one reads', async () => {
  const metrics = new Metrics()
  metrics.requestAnswered('GET', '/', 200, 0.07)
  metrics.exceptionThrown('/', new TypeError('x'))
  const [first, second] = [await metrics.registry.metrics(), await metrics.registry.metrics()]
  expect(second).toBe(first)
})

test('made-up methods, missing routes and unknown errors share one series', async () => {
  const metrics = new Metrics()
  for (const method of ['PROPFIND', 'MKCOL', 'get']) metrics.requestAnswered(method, 'unmatched', 405, 0)
  expect(await lines(metrics, requests.name)).toEqual([
    `${seriesOf(requests, { method: '_OTHER', route: 'unmatched', status: 405 })} 3`,
  ])
  for (const error of [new DOMException('x', 'Made-up'), 'a string', undefined, { name: 'Error' }])
    metrics.exceptionThrown(undefined, error)
  expect(await lines(metrics, exceptions.name)).toEqual([
    `${seriesOf(exceptions, { route: 'unmatched', type: 'other' })} 4`,
  ])
})

import { expect, test } from 'bun:test'
import { catalogue } from './catalogue.ts'
import { Metrics } from './metrics.ts'

const lines = async (metrics: Metrics, name: string) =>
  (await metrics.registry.getSingleMetricAsString(name)).split('\n').filter(line => !line.startsWith('#'))

test('declared routes exist at zero, with every type of exception', async () => {
  const metrics = new Metrics()
  metrics.declareRoutes([{ method: 'GET', route: '/', statuses: [200, 500] }])
  expect(await lines(metrics, catalogue.requests.name)).toEqual([
    'http_requests_total{method="GET",route="/",status_code="200"} 0',
    'http_requests_total{method="GET",route="/",status_code="500"} 0',
  ])
  expect(await lines(metrics, catalogue.exceptions.name)).toEqual([
    'http_exceptions_total{route="/",type="Error"} 0',
    'http_exceptions_total{route="/",type="TypeError"} 0',
    'http_exceptions_total{route="/",type="RangeError"} 0',
    'http_exceptions_total{route="/",type="other"} 0',
  ])
  expect(await lines(metrics, catalogue.requestDuration.name)).toContain(
    'http_request_duration_seconds_bucket{le="0.25",method="GET",route="/",status_code="500"} 0',
  )
})

test('a request is counted and timed', async () => {
  const metrics = new Metrics()
  metrics.requestAnswered('GET', '/', 200, 0.07)
  expect(await lines(metrics, catalogue.requests.name)).toEqual([
    'http_requests_total{method="GET",route="/",status_code="200"} 1',
  ])
  expect(await lines(metrics, catalogue.requestDuration.name)).toEqual([
    ...['0.005', '0.01', '0.025', '0.05'].map(le => bucket(le, 0)),
    ...['0.075', '0.1', '0.25', '0.5', '0.75', '1', '2.5', '5', '7.5', '10', '+Inf'].map(le => bucket(le, 1)),
    'http_request_duration_seconds_sum{method="GET",route="/",status_code="200"} 0.07',
    'http_request_duration_seconds_count{method="GET",route="/",status_code="200"} 1',
  ])
})

const bucket = (le: string, value: number) =>
  `http_request_duration_seconds_bucket{le="${le}",method="GET",route="/",status_code="200"} ${value}`

test('made-up methods, missing routes and unknown errors share one series', async () => {
  const metrics = new Metrics()
  for (const method of ['PROPFIND', 'MKCOL', 'get']) metrics.requestAnswered(method, 'unmatched', 405, 0)
  expect(await lines(metrics, catalogue.requests.name)).toEqual([
    'http_requests_total{method="_OTHER",route="unmatched",status_code="405"} 3',
  ])
  for (const error of [new DOMException('x', 'Made-up'), 'a string', undefined, { name: 'Error' }])
    metrics.exceptionThrown(undefined, error)
  expect(await lines(metrics, catalogue.exceptions.name)).toEqual([
    'http_exceptions_total{route="unmatched",type="other"} 4',
  ])
})

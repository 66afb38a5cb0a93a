import { expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { rowsOf } from './own-panels.ts'

const queriesIn = (rows: ReturnType<typeof rowsOf>) =>
  rows[SERVICE_CONFIG.title]?.map(line => line.map(panel => JSON.stringify(panel())))

test('a counter, a histogram and a gauge are graphed, three in a line', () => {
  const { requests, requestDuration, requestsInFlight, exceptions } = catalogue
  const [first, second] = queriesIn(rowsOf([requests, requestDuration, requestsInFlight, exceptions])) ?? []
  expect(first?.[0]).toContain('sum by (method, route, status_code) (rate(http_requests_total')
  expect(first?.[1]).toContain(
    'histogram_quantile(0.95, sum by (instance, le) (rate(http_request_duration_seconds_bucket',
  )
  expect(first?.[2]).toContain('sum by (instance) (http_requests_in_flight')
  expect([first?.length, second?.length]).toEqual([3, 1])
})

test('without metrics there is no row', () => expect(rowsOf([])).toEqual({}))

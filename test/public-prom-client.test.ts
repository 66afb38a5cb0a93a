import { expect, test } from 'bun:test'
import { samples } from '../lib/exposition.ts'
import { collect } from '../lib/process.ts'
import { fromSource } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { seriesOf } from './series.ts'

const { requests, requestDuration, exceptions } = catalogue

test('the metrics use no private state of prom-client', async () => {
  const { code, out, err } = await collect(fromSource('test/public-prom-client.ts'))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const labels = { method: 'GET', route: '/', status: 200 }
  const seen = samples(out)
  expect(seen.get(seriesOf(requests, labels))).toBe(1)
  expect(seen.get(seriesOf(requests, { ...labels, status: 500 }))).toBe(0)
  expect(seen.get(seriesOf(requestDuration, { le: 0.05, ...labels }, '_bucket'))).toBe(0)
  expect(seen.get(seriesOf(requestDuration, { le: 0.075, ...labels }, '_bucket'))).toBe(1)
  expect(seen.get(seriesOf(requestDuration, { le: '+Inf', ...labels }, '_bucket'))).toBe(1)
  expect(seen.get(seriesOf(exceptions, { route: '/', type: 'TypeError' }))).toBe(1)
})

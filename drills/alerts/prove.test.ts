import { afterAll, beforeEach, expect, test } from 'bun:test'
import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import type { Cause } from './alert-result.ts'
import { isPassed } from './alert-result.ts'
import { proveAlert, unixTime } from './prove.ts'

const ALERT = 'Exceptions'

/** Unix time in seconds at which the alert began to fire; undefined while the alert is inactive. */
let firingSince: number | undefined
/** The sample that Prometheus has stored. */
let stored: [number, string][] = []
let deliveries: Delivery[] = []
let lines: string[] = []

const stub = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const query = new URL(request.url).searchParams.get('query') ?? ''
    const metric = { alertname: ALERT, alertstate: 'firing' }
    const isRange = query.includes('[')
    const values = isRange ? (query.includes(`"${ALERT}"`) ? stored : []) : firingSince ? [[firingSince, '1']] : []
    return Response.json({ status: 'success', data: { result: values.length === 0 ? [] : [{ metric, values }] } })
  },
})
afterAll(() => stub.stop(true))
beforeEach(() => {
  firingSince = undefined
  stored = []
  deliveries = []
  lines = []
})

const deliver = (status: Delivery['status'], alertname = ALERT) =>
  deliveries.push({ at: unixTime(), status, labels: { alertname }, annotations: {} })

function fire(): void {
  firingSince = unixTime()
  stored = [[firingSince, '1']]
}

function clear(): void {
  firingSince = undefined
  deliver('resolved')
}

function drill(cause: Partial<Cause>, signal = new AbortController().signal) {
  const inflict = async () => {
    fire()
    deliver('firing')
    return async () => clear()
  }
  return proveAlert(
    {
      prometheus: new PrometheusClient(async () => stub.url.origin),
      deliveries,
      say: line => lines.push(line),
      signal,
    },
    { alert: ALERT, how: 'an exception', inflict, ...cause },
    { kind: 'drilled', platform: 'local' },
  )
}

test('an alert that fires, is delivered and resolves passes', async () => {
  const result = await drill({})
  expect(isPassed(result)).toBe(true)
  expect(result.timeline?.states.map(({ state }) => state)).toContain('resolved')
  expect(lines[0]).toBe(`${ALERT}: an exception`)
})

test('a cause that ends at firing is ended before the delivery', async () => {
  const inflict = async () => {
    fire()
    return async () => {
      deliver('firing')
      clear()
    }
  }
  expect(isPassed(await drill({ inflict, endsAtFiring: true }))).toBe(true)
})

test('the delivery of another alert fails the check, unless the cause may raise that alert', async () => {
  const inflict = async () => {
    fire()
    deliver('firing', 'HighLatency')
    deliver('firing')
    return async () => clear()
  }
  const failed = (await drill({ inflict })).checks.filter(({ ok }) => !ok)
  expect(failed.map(({ seen }) => seen)).toEqual(['HighLatency'])
  deliver('resolved', 'HighLatency')
  expect(isPassed(await drill({ inflict, also: ['HighLatency'] }))).toBe(true)
})

test('a cause that cannot be ended is named', async () => {
  const inflict = async () => {
    deliver('firing')
    return () => Promise.reject(new Error('no such part'))
  }
  expect((await drill({ inflict })).failure).toBe('the cause could not be ended: no such part')
})

test('an abort ends the cause, and the reason is in the result', async () => {
  const stop = new AbortController()
  let ends = 0
  const inflict = async () => {
    stop.abort(new Error('stopped by the user'))
    return async () => {
      ends++
    }
  }
  expect((await drill({ inflict }, stop.signal)).failure).toBe('stopped by the user')
  expect(ends).toBe(1)
})

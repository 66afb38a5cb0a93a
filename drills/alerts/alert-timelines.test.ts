import { afterAll, beforeEach, expect, test } from 'bun:test'
import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import type { Alert } from '../../monitoring/rule.ts'
import { alertTimelines, first, type Symptom } from './alert-timelines.ts'

/** Unix time at which the steady state began. All other times count from here. */
const STEADY = 1_800_000_000
const OVERLOAD = { started: STEADY + 29.4, begin: STEADY + 30, end: STEADY + 80 }
const WINDOW = { begin: STEADY, end: STEADY + 140, evaluation: 5 }

/** Samples every five seconds, from one time to another. */
const every5 = (from: number, to: number, value = 1) =>
  Array.from({ length: (to - from) / 5 + 1 }, (_, i) => [STEADY + from + 5 * i, `${value}`] as [number, string])

/** A Prometheus that holds what a test gives it, by a part of the query. */
let held: Record<string, { metric: Record<string, string>; values: [number, string][] }[]> = {}
const queries: URLSearchParams[] = []
const rules = [{ name: 'Fine' }, { name: 'Broken', lastError: 'many-to-many matching' }]
const stub = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const { searchParams, pathname } = new URL(request.url)
    if (pathname === '/api/v1/rules') return Response.json({ status: 'success', data: { groups: [{ rules }] } })
    queries.push(searchParams)
    const query = searchParams.get('query') ?? ''
    if (query.includes('bad')) return Response.json({ status: 'error', error: 'parse error' }, { status: 400 })
    const key = Object.keys(held).find(part => query.includes(part))
    return Response.json({ status: 'success', data: { result: key === undefined ? [] : held[key] } })
  },
})
const prometheus = new PrometheusClient(async () => stub.url.origin)
afterAll(() => stub.stop(true))

const rule = (name: string): Alert => ({
  name,
  severity: 'critical',
  area: 'service',
  expr: '',
  summary: '',
  description: '',
})
const symptoms = new Map<string, Symptom[]>([['Down', [{ selector: 'probe_success', isBad: value => value === 0 }]]])
const delivery = (status: Delivery['status'], at: number, alertname = 'Down'): Delivery => ({
  at: STEADY + at,
  status,
  labels: { alertname, severity: 'critical' },
  annotations: { runbook_url: 'https://example.test/Down.md' },
})
const timelines = (deliveries: Delivery[], overloaded: typeof OVERLOAD | undefined = OVERLOAD) =>
  alertTimelines(prometheus, [rule('Other'), rule('Down')], symptoms, deliveries, WINDOW, overloaded)

beforeEach(() => {
  queries.length = 0
  held = {
    'alertname="Down"': [
      { metric: { alertstate: 'pending' }, values: every5(42, 47) },
      { metric: { alertstate: 'firing' }, values: every5(52, 82) },
    ],
    probe_success: [{ metric: {}, values: [...every5(33, 33, 1), ...every5(38, 43, 0)] }],
  }
})

test('an alert goes through its states; its detection is split into parts that add up', async () => {
  const [down, ...others] = await timelines([delivery('firing', 53), delivery('resolved', 88)])
  expect(others).toEqual([])
  expect(down?.states.map(({ state, at }) => [state, at - STEADY])).toEqual([
    ['inactive', 0],
    ['pending', 42],
    ['firing', 52],
    ['delivered', 53],
    ['cleared', 87],
    ['resolved', 88],
  ])
  expect(down?.detection?.parts.map(({ seconds }) => seconds)).toEqual([8, 4, 10, 1])
  expect(down?.detection?.total).toBeCloseTo(53 - 29.4)
  expect(down).toMatchObject({ expected: true, recovery: 8, runbook: 'https://example.test/Down.md' })
  expect(down && first(down, 'firing')).toBe(STEADY + 52)
})

test('what is asked for is what was stored since the start, and the bad sample between overload and pending', async () => {
  await timelines([delivery('firing', 53)])
  const asked = queries.map(query => [query.get('query'), Number(query.get('time')) - STEADY])
  expect(asked).toContainEqual(['ALERTS{alertname="Down"}[140000ms]', 140])
  expect(asked).toContainEqual(['probe_success[12000ms]', 42])
})

test('one that was pending from the first evaluation on was not inactive', async () => {
  held['alertname="Down"'] = [{ metric: { alertstate: 'pending' }, values: every5(2, 7) }]
  const [down] = await timelines([])
  expect(down?.states.map(({ state }) => state)).toEqual(['pending'])
  expect(down?.detection).toBeUndefined()
  expect(down?.recovery).toBeUndefined()
})

test('one that comes and goes has a span each time', async () => {
  held['alertname="Down"'] = [{ metric: { alertstate: 'pending' }, values: [...every5(42, 47), ...every5(62, 62)] }]
  const [down] = await timelines([])
  expect(down?.spans.map(({ begin, end }) => [begin - STEADY, end - STEADY])).toEqual([
    [42, 52],
    [62, 67],
  ])
})

test('what ends in it, and began before it, is of another incident', async () => {
  const [down] = await timelines([delivery('resolved', 4), delivery('firing', 53), delivery('resolved', 88)])
  const states = ['inactive', 'pending', 'firing', 'delivered', 'cleared', 'resolved']
  expect(down?.states.map(({ state }) => state as string)).toEqual(states)
})

test('a delivery of an incident before is no part of the detection', async () => {
  const earlier = [delivery('firing', 38), delivery('resolved', 41)] // the overload began before it was resolved
  const [down] = await timelines([...earlier, delivery('firing', 53)])
  expect(down?.detection?.parts.map(({ seconds }) => seconds)).toEqual([8, 4, 10, 1])
})

test('an expected one that never came is told, another that did too, and a silent one is not', async () => {
  held = { 'alertname="Other"': [{ metric: { alertstate: 'firing' }, values: every5(60, 70) }] }
  const told = await timelines([])
  expect(told.map(({ name, expected }) => [name, expected])).toEqual([
    ['Down', true],
    ['Other', false],
  ])
  expect(told[0]?.states.map(({ state }) => state)).toEqual(['inactive'])
  held = {}
  expect((await timelines([])).map(({ name }) => name)).toEqual(['Down'])
})

test('without an overload nothing is detected', async () => {
  const [down] = await alertTimelines(prometheus, [rule('Down')], symptoms, [delivery('firing', 53)], WINDOW)
  expect(down).toMatchObject({ expected: true })
  expect(down?.detection).toBeUndefined()
})

test('rules that cannot be evaluated are named', async () => {
  expect(await prometheus.ruleProblems()).toEqual(['rule Broken: many-to-many matching'])
})

test('a range is asked for with its ends and its step', async () => {
  const [answer] = await prometheus.range('probe_success', STEADY, STEADY + 60, 1)
  expect(Object.fromEntries(queries[0] ?? [])).toEqual({
    query: 'probe_success',
    start: `${STEADY}`,
    end: `${STEADY + 60}`,
    step: '1',
  })
  expect(answer?.samples[0]).toEqual([STEADY + 33, 1])
})

test('a query that Prometheus finds fault with is named', async () => {
  expect(prometheus.instant('bad query', STEADY)).rejects.toThrow('Prometheus: parse error (bad query)')
})

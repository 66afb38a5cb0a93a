import { describe, expect, test } from 'bun:test'
import { DRILL, PRODUCTION } from '../../monitoring/profiles.ts'
import { DEMANDS, deliveryBounds } from './bounds.ts'
import { overloadChecks, verdictOf } from './checks.ts'
import type { AlertTimeline, Capacity, LoadResult, OverloadResult, Phase, Series } from './overload-result.ts'

/** Unix time at which the overload began. */
const BEGIN = 1_800_000_000

const load = (rate: number, p95: number): LoadResult => ({
  rate,
  begin: BEGIN,
  end: BEGIN + 150,
  requests: 1000,
  failedRatio: 0,
  wrong: 0,
  dropped: 0,
  latency: { p50: p95, p90: p95, p95, p99: p95, max: p95 },
  held: true,
  summary: 'any.k6.json',
})

const phase = (name: Phase['name'], begin: number, end: number, rate: number, p95: number): Phase => ({
  name,
  title: name,
  begin: BEGIN + begin,
  end: BEGIN + end,
  replicas: 1,
  load: load(rate, p95),
  own: { p50: { query: '' }, p95: { query: '' }, p99: { query: '' } },
})

const capacity = (replicas: number, rate: number): Capacity => ({ replicas, rate, clients: 6 * replicas, runs: [] })

const settings: OverloadResult['settings'] = {
  overloadFactor: 1.4,
  replicas: { before: 1, after: 3 },
  autoscaled: false,
  seed: 1,
  scrapeInterval: 5,
}

/** The result of a drill without autoscaler that passes every check. */
const BOUNDS = deliveryBounds(DRILL)

const result: Omit<OverloadResult, 'checks' | 'verdict'> = {
  drill: 'overload',
  platform: 'kubernetes',
  startedAt: BEGIN - 100,
  endedAt: BEGIN + 300,
  machine: { cpu: 'any', cores: 2, memoryBytes: 1, system: 'any', cpuLimit: 'any', programs: {} },
  settings,
  capacities: [capacity(1, 100), capacity(3, 260)],
  tipping: { rate: 140, after: 8, carried: [] },
  phases: [
    phase('steady state', -40, -10, 30, 0.01),
    phase('overload', 0, 150, 140, 1.9),
    phase('scaled', 160, 210, 140, 0.05),
  ],
  alerts: [],
  series: [],
  marks: [],
  starved: [],
}

const checksOf = (more: Partial<OverloadResult>) => overloadChecks({ ...result, ...more }, [], [], BOUNDS)

const failing = (more: Partial<OverloadResult>) =>
  checksOf(more)
    .filter(({ ok }) => !ok)
    .map(({ name, expected, seen }) => `${name}: ${expected}; ${seen}`)

test('a drill that saw all that is demanded fails no check', () => {
  expect(failing({})).toEqual([])
})

test('what was not reached fails', () => {
  const { tipping, ...rest } = result
  expect(tipping?.after).toBe(8)
  const checks = overloadChecks({ ...rest, phases: [], capacities: [] }, [], [], BOUNDS)
  expect(checks.map(({ name, expected, seen }) => `${name}: ${expected}; ${seen}`)).toEqual([
    'steady state: 95th percentile: at most 0.25 s; nothing',
    'steady state: failed requests: at most 0.01; nothing',
    'steady state: requests that k6 could not send: at most 0; nothing',
    'steady state: wrong answers: at most 0; nothing',
    'overload: rate in multiples of the capacity of 1 replica: at least 1.3; nothing',
    'overload: clients give up requests: during the overload; never',
    'overload: wrong answers: at most 0; nothing',
    'scaled: 95th percentile: at most 0.25 s; nothing',
    'scaled: failed requests: at most 0.01; nothing',
    'scaled: requests that k6 could not send: at most 0; nothing',
    'scaled: wrong answers: at most 0; nothing',
    'scaled: the same load as the overload: – requests/s; – requests/s',
    'scaling efficiency at 0 replicas: at least 0.7; nothing',
  ])
  expect(checks.filter(({ ok }) => ok)).toEqual([])
})

test('an overload that is less than 1.3 times the capacity of one is none', () => {
  const at = (rate: number) => failing({ phases: result.phases.with(1, phase('overload', 0, 50, rate, 1.9)) })
  expect(at(129)[0]).toBe('overload: rate in multiples of the capacity of 1 replica: at least 1.3; 1.29')
  expect(at(130)).toEqual(['scaled: the same load as the overload: 130 requests/s; 140 requests/s'])
})

test('a service that never tipped fails', () => {
  expect(failing({ tipping: { rate: 140, carried: [120] } })).toEqual([
    'overload: clients give up requests: during the overload; never',
  ])
})

test('a wrong answer in any phase fails, however starved the machine was', () => {
  for (const [i, name] of (['steady state', 'overload', 'scaled'] as const).entries()) {
    const changed = result.phases[i] as Phase
    const checks = checksOf({ phases: result.phases.with(i, { ...changed, load: { ...changed.load, wrong: 1 } }) })
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([{ name: `${name}: wrong answers`, seen: '1' }])
    expect(verdictOf(checks, ['no CPU was left'], undefined)).toBe('failed')
  }
})

describe('an alert', () => {
  const name = 'HighLatency'
  const timeline = (
    states: readonly [AlertTimeline['states'][number]['state'], number][],
    spans: AlertTimeline['spans'] = [],
  ) => ({
    ...{ name, severity: 'warning' as const, expected: true, runbook: 'any', query: 'any', spans },
    states: states.map(([state, at]) => ({ state, at: BEGIN + at })),
  })
  const judged = (alert: AlertTimeline) =>
    Object.fromEntries(
      overloadChecks({ ...result, alerts: [alert] }, [], [name], BOUNDS)
        .filter(check => check.name.startsWith(name))
        .map(check => [check.name.slice(name.length + 2), check.seen]),
    )
  const incident = [
    ['pending', 10],
    ['firing', 20],
    ['delivered', 22],
    ['cleared', 160],
    ['resolved', 165],
  ] as const
  const all = incident.map(([state, at]) => [state, at] as [AlertTimeline['states'][number]['state'], number])

  test('is judged by what it did from the start of the overload on', () => {
    const earlier: typeof all = [
      ['inactive', -40],
      ['pending', -30],
      ['firing', -20],
      ['delivered', -18],
      ['resolved', -5],
    ]
    const seen = judged(timeline([...earlier, ...all]))
    expect(seen['states in order']).toBe('inactive → pending → firing → delivered → cleared → resolved')
    expect(seen['overload to delivered']).toBe('22 s')
    expect(judged(timeline(earlier))['overload to delivered']).toBe('nothing')
  })

  test('was not inactive where it was active when the overload began', () => {
    const spans = [{ state: 'firing' as const, begin: BEGIN - 20, end: BEGIN + 160 }]
    expect(
      judged(
        timeline(
          [
            ['delivered', 22],
            ['resolved', 165],
          ],
          spans,
        ),
      )['states in order'],
    ).toBe('delivered → resolved')
  })
})

describe('scaled by hand', () => {
  test('the scaling efficiency has its bound', () => {
    const three = (rate: number) => failing({ capacities: [capacity(1, 100), capacity(3, rate)] })
    expect(three(210)).toEqual([])
    expect(three(209)).toEqual(['scaling efficiency at 3 replicas: at least 0.7; 0.70'])
  })

  test('it needs the capacity of several', () => {
    expect(failing({ capacities: [capacity(1, 100)] })).toEqual([
      'scaling efficiency at 1 replicas: at least 0.7; nothing',
    ])
  })
})

describe('the verdict', () => {
  const slow = { phases: result.phases.with(2, phase('scaled', 160, 210, 140, 0.4)) }
  const starved = ['The same load: no CPU was left']

  test('is passed where every check is, however busy the machine was', () => {
    expect(verdictOf(checksOf({}), [], undefined)).toBe('passed')
    expect(verdictOf(checksOf({}), starved, undefined)).toBe('passed')
  })

  test('is inconclusive where latency failed on a machine without CPU, and failed on one with', () => {
    expect(verdictOf(checksOf(slow), starved, undefined)).toBe('inconclusive')
    expect(verdictOf(checksOf(slow), [], undefined)).toBe('failed')
  })

  test('is failed where what needs no CPU failed, too', () => {
    const other = { ...slow, phases: slow.phases.with(1, phase('overload', 0, 150, 135, 1.9)) }
    expect(verdictOf(checksOf(other), starved, undefined)).toBe('failed')
  })

  test('is failed where an alert of an overload was not delivered, whatever the machine did', () => {
    expect(verdictOf(overloadChecks(result, [], ['HighLatency'], BOUNDS), starved, undefined)).toBe('failed')
  })

  test('is inconclusive where the machine kept the service from tipping, and so its alerts from firing', () => {
    const checks = overloadChecks({ ...result, tipping: { rate: 140, carried: [] } }, [], ['HighLatency'], BOUNDS)
    expect(verdictOf(checks, starved, undefined)).toBe('inconclusive')
    expect(verdictOf(checks, [], undefined)).toBe('failed')
  })

  test('is failed where the drill broke off', () => {
    expect(verdictOf(checksOf({}), starved, 'k6 ended with 1')).toBe('failed')
  })
})

describe('scaled by the platform', () => {
  /** What is not met where clients had so many seconds of latency at these times. */
  function recovery(points: Series['points'], more: Partial<OverloadResult> = {}) {
    const series = [{ id: 'clientLatency' as const, title: '', query: '', points }]
    const autoscaled = { ...settings, autoscaled: true }
    return failing({ settings: autoscaled, capacities: [capacity(1, 100)], series, ...more })
  }
  const at = (late: (second: number) => boolean, end = 250): Series['points'] =>
    Array.from({ length: end + 50 }, (_, i) => [BEGIN + i - 50, late(i - 50) ? 1.9 : 0.05] as const)
  const NAME = "recovery by the autoscaler: start of the overload to the client's 95th percentile in its bound"

  test('is well where latency is in its bound in time, while the overload goes on', () => {
    expect(recovery(at(second => second >= 5 && second <= 90))).toEqual([])
  })

  test('is late after its bound', () => {
    expect(DEMANDS.autoscaled).toBe(120)
    expect(recovery(at(second => second >= 5 && second <= 120))).toEqual([])
    expect(recovery(at(second => second >= 5 && second <= 121))).toEqual([`${NAME}: at most 120 s; 121 s`])
  })

  test('has not recovered where it tips once more', () => {
    expect(recovery(at(second => (second >= 5 && second <= 60) || second === 130))).toEqual([
      `${NAME}: at most 120 s; 130 s`,
    ])
  })

  test('has not recovered where the end of the overload did it', () => {
    expect(recovery(at(second => second >= 5 && second <= 150))).toEqual([`${NAME}: at most 120 s; nothing`])
    expect(recovery(at(second => second >= 5 && second <= 160))).toEqual([`${NAME}: at most 120 s; nothing`])
  })

  test('has nothing to recover from where it was never late in the overload, and nothing without figures', () => {
    expect(recovery(at(second => second < 0 || second > 150))).toEqual([`${NAME}: at most 120 s; nothing`])
    expect(recovery([])).toEqual([`${NAME}: at most 120 s; nothing`])
    expect(
      recovery(
        at(second => second < 90),
        { phases: result.phases.slice(0, 1) },
      ),
    ).toContain(`${NAME}: at most 120 s; nothing`)
  })

  test('is asked for no capacity of several replicas', () => {
    const names = overloadChecks({ ...result, settings: { ...settings, autoscaled: true } }, [], [], BOUNDS).map(
      ({ name }) => name,
    )
    expect(names).toContain(NAME)
    expect(names.filter(name => name.startsWith('scaling efficiency'))).toEqual([])
    expect(overloadChecks(result, [], [], BOUNDS).map(({ name }) => name)).not.toContain(NAME)
  })
})

test('the bounds of the delivery follow from the timing of the profile', () => {
  expect(deliveryBounds(DRILL)).toEqual({ delivered: 45, resolved: 90 })
  expect(deliveryBounds(PRODUCTION)).toEqual({ delivered: 219, resolved: 455 })
})

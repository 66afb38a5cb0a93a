import { describe, expect, test } from 'bun:test'
import { DEMANDS } from './bounds.ts'
import { overloadChecks } from './checks.ts'
import type { Capacity, LoadResult, Phase, Series, Story } from './story.ts'

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

const capacity = (replicas: number, rate: number): Capacity => ({ replicas, rate, runs: [] })

const settings: Story['settings'] = {
  overloadFactor: 1.4,
  replicas: { before: 1, after: 3 },
  autoscaled: false,
  efficiency: 2.5 / 3,
  seed: 1,
  requestTimeout: 2,
  latencyBound: 0.25,
  failedRatioBound: 0.01,
  scrapeInterval: 5,
}

/** The story of a drill that saw all that is demanded, scaled by hand. */
const story: Omit<Story, 'checks'> = {
  drill: 'overload',
  platform: 'kubernetes',
  startedAt: BEGIN - 100,
  endedAt: BEGIN + 300,
  machine: { cpu: 'any', cores: 2, memoryBytes: 1, system: 'any', programs: {} },
  settings,
  capacities: [capacity(1, 100), capacity(2, 190), capacity(3, 260)],
  phases: [
    phase('calm', -40, -10, 30, 0.01),
    phase('overload', 0, 150, 140, 1.9),
    phase('scaled', 160, 210, 140, 0.05),
  ],
  alerts: [],
  series: [],
  marks: [],
}

const failing = (more: Partial<Story>) =>
  overloadChecks({ ...story, ...more }, [], [])
    .filter(({ ok }) => !ok)
    .map(({ name, expected, seen }) => `${name}: ${expected}; ${seen}`)

test('a drill that saw all that is demanded fails no check', () => {
  expect(failing({})).toEqual([])
})

test('what was not reached fails', () => {
  expect(failing({ phases: [], capacities: [] })).toEqual([
    'calm: 95th percentile: at most 0.25 s; nothing',
    'calm: failed requests: at most 0.01; nothing',
    'calm: wrong answers: at most 0; nothing',
    'overload: offered, as a share of the capacity of one replica: at least 1.3; nothing',
    'overload: it tips, the 95th percentile: more than 0.25 s; nothing',
    'overload: iterations that k6 dropped: at most 0; nothing',
    'overload: wrong answers: at most 0; nothing',
    'scaled: 95th percentile: at most 0.25 s; nothing',
    'scaled: failed requests: at most 0.01; nothing',
    'scaled: iterations that k6 dropped: at most 0; nothing',
    'scaled: wrong answers: at most 0; nothing',
    'scaled: the same load as the overload: – requests/s; – requests/s',
    'capacity of 0 replicas against one: at least 1.3 times; nothing',
  ])
})

test('one wrong answer fails the phase in which it was given', () => {
  for (const { name } of story.phases) {
    const phases = story.phases.map(phase =>
      phase.name === name ? { ...phase, load: { ...phase.load, wrong: 1 } } : phase,
    )
    expect(failing({ phases })).toEqual([`${name}: wrong answers: at most 0; 1`])
  }
})

describe('scaled by hand, the capacity of the most replicas', () => {
  test('must be the share of so many times one that the platform is capable of', () => {
    const three = (rate: number) => failing({ capacities: [capacity(1, 100), capacity(2, 190), capacity(3, rate)] })
    expect(three(250)).toEqual([])
    expect(three(249)).toEqual(['capacity of 3 replicas against one: at least 2.5 times; 2.49 times'])
  })

  test('must carry an overload, however little the platform is capable of', () => {
    const two = (rate: number) =>
      failing({ settings: { ...settings, efficiency: 0.4 }, capacities: [capacity(1, 100), capacity(2, rate)] })
    expect(two(130)).toEqual([])
    expect(two(129)).toEqual(['capacity of 2 replicas against one: at least 1.3 times; 1.29 times'])
  })

  test('is not that of one, where no other was measured', () => {
    expect(failing({ capacities: [capacity(1, 100)] })).toEqual([
      'capacity of 1 replicas against one: at least 1.3 times; nothing',
    ])
  })
})

describe('scaled by the platform', () => {
  /** What is not met where clients had so many seconds of latency at these times. */
  function recovery(points: Series['points'], more: Partial<Story> = {}) {
    const series = [{ id: 'clientLatency' as const, title: '', unit: 'seconds' as const, query: '', points }]
    const autoscaled = { ...settings, autoscaled: true }
    return failing({ settings: autoscaled, capacities: [capacity(1, 100)], series, ...more })
  }
  const at = (late: (second: number) => boolean, end = 250): Series['points'] =>
    Array.from({ length: end + 50 }, (_, i) => [BEGIN + i - 50, late(i - 50) ? 1.9 : 0.05] as const)
  const NAME = "recovery with no hand on it: overload's begin to the client's 95th percentile in its bound"

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
        { phases: story.phases.slice(0, 1) },
      ),
    ).toContain(`${NAME}: at most 120 s; nothing`)
  })

  test('is asked for no capacity of several replicas', () => {
    const names = overloadChecks({ ...story, settings: { ...settings, autoscaled: true } }, [], []).map(
      ({ name }) => name,
    )
    expect(names).toContain(NAME)
    expect(names.filter(name => name.startsWith('capacity of'))).toEqual([])
    expect(overloadChecks(story, [], []).map(({ name }) => name)).not.toContain(NAME)
  })
})

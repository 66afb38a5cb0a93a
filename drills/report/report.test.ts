import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertLife, LoadResult, Phase, Story } from '../story.ts'
import { html } from './html.ts'
import { writeReport } from './index.ts'
import { markdown } from './markdown.ts'
import { verdictTable } from './terminal.ts'

const BEGIN = 1_800_000_000

const load = (rate: number, begin: number, end: number, p95: number, held: boolean): LoadResult => ({
  rate,
  begin: BEGIN + begin,
  end: BEGIN + end,
  requests: rate * (end - begin),
  failedRatio: held ? 0 : 0.42,
  wrong: 0,
  dropped: 0,
  latency: { p50: p95 / 3, p90: p95 / 1.2, p95, p99: p95 * 1.1, max: p95 * 1.2 },
  held,
  summary: `at-${rate}-from-${begin}.k6.json`,
})

const phase = (name: Phase['name'], rate: number, begin: number, end: number, p95: number): Phase => ({
  name,
  title: `${name}: ${rate} requests/s`,
  begin: BEGIN + begin,
  end: BEGIN + end,
  replicas: name === 'scaled' ? 2 : 1,
  load: load(rate, begin, end, p95, p95 < 0.25),
  own: { p50: { query: 'p50_of' }, p95: { query: 'p95_of', value: 0.123 }, p99: { query: 'p99_of', value: 4.56 } },
})

const life: AlertLife = {
  name: 'ServiceUnresponsive',
  severity: 'critical',
  expected: true,
  states: (['inactive', 'pending', 'firing', 'delivered', 'cleared', 'resolved'] as const).map((state, i) => ({
    state,
    at: BEGIN + ([0, 41, 51, 52, 83, 84][i] ?? 0),
  })),
  spans: [
    { state: 'pending', begin: BEGIN + 41, end: BEGIN + 51 },
    { state: 'firing', begin: BEGIN + 51, end: BEGIN + 83 },
  ],
  runbook: 'https://tipping-point.example/ServiceUnresponsive.md',
  detection: {
    parts: [
      { name: 'overload to first bad sample', seconds: 7.7 },
      { name: 'to pending', seconds: 3.3 },
      { name: 'to firing', seconds: 10 },
      { name: 'to delivered', seconds: 1.1 },
    ],
    total: 22.6,
  },
  recovery: 4.4,
  query: 'ALERTS{alertname="ServiceUnresponsive"}',
}

const story: Story = {
  drill: 'overload',
  platform: 'local',
  startedAt: BEGIN - 60,
  endedAt: BEGIN + 140,
  machine: {
    cpu: 'a <fast> & "quoted" one',
    cores: 2,
    memoryBytes: 2 ** 34,
    system: 'Linux',
    programs: { k6: '2.2.0' },
  },
  settings: {
    overloadFactor: 1.4,
    replicas: { before: 1, after: 2 },
    autoscaled: false,
    efficiency: 0.65,
    seed: 7,
    requestTimeout: 2,
    latencyBound: 0.25,
    failedRatioBound: 0.01,
    scrapeInterval: 5,
  },
  capacities: [
    { replicas: 1, rate: 198, runs: [load(230, -50, -45, 1.9, false), load(198, -45, -25, 0.05, true)] },
    { replicas: 2, rate: 301, runs: [load(301, -25, -5, 0.06, true)] },
  ],
  phases: [
    phase('calm', 59, 0, 30, 0.006),
    phase('overload', 277, 30, 80, 1.97),
    phase('scaled', 277, 82, 132, 0.0203),
  ],
  alerts: [life],
  series: (['offered', 'answered', 'clientLatency', 'ownLatency', 'inFlight', 'eventLoopLag', 'replicas'] as const).map(
    id => ({
      id,
      title: `${id} title`,
      unit: 'requests',
      query: `rate(${id}_total[15s])`,
      points: Array.from({ length: 130 }, (_, i) => [BEGIN + i, (i * i) % 40] as const),
    }),
  ),
  marks: [{ at: BEGIN + 81, label: '2 replicas' }],
  checks: [
    { name: 'calm: 95th percentile', expected: 'at most 0.25 s', seen: '0.006 s', ok: true },
    { name: 'scaled: 95th percentile', expected: 'at most 0.25 s', seen: '0.02 s', ok: true },
  ],
}

/** What is known when a drill breaks off at once. */
const broken: Story = {
  ...story,
  capacities: [],
  phases: [],
  alerts: [],
  series: [],
  marks: [],
  failure: 'k6 <fell> over',
}
const failed: Story = {
  ...story,
  checks: [...story.checks, { name: 'late', expected: 'soon', seen: 'never', ok: false }],
}

/** Every figure of the story that people read, as both texts write it. */
const FIGURES = [
  '198',
  '301',
  '277',
  '22.6 s',
  '7.7 s',
  '3.3 s',
  '1.1 s',
  '4.4 s',
  '1.97 s',
  '20.3 ms',
  '123 ms',
  '4.56 s',
  '42 %',
]

describe.each([
  ['HTML', html],
  ['Markdown', markdown],
])('the report as %s', (_, render) => {
  test('has every figure, and where each comes from', () => {
    const text = render(story)
    for (const figure of FIGURES) expect(text).toContain(figure)
    const unescaped = text.replace(/\\(.)/g, '$1').replaceAll('&quot;', '"')
    for (const { query } of story.series) expect(unescaped).toContain(query)
    for (const { load, own } of story.phases)
      for (const source of [load.summary, own.p50.query, own.p99.query]) expect(unescaped).toContain(source)
    expect(unescaped).toContain(life.query)
    expect(text).toContain(life.runbook)
  })

  test('says that it passed, failed or broke off', () => {
    expect(render(story)).toMatch(/passed/i)
    expect(render(failed)).toMatch(/✗ failed.*late/s)
    expect(render(broken)).toContain('The drill broke off')
  })

  test('says what was not measured', () => {
    expect(render(broken)).toContain('Not measured.')
    const never = { ...life, states: life.states.slice(0, 3) }
    expect(render({ ...story, alerts: [never] })).toContain('never')
  })

  test('takes no text of the story for markup', () => {
    for (const text of [render(story), render(broken)]) expect(text).not.toMatch(/(?<!\\)<(fast|fell)/)
  })
})

test('the page needs no network and no script', () => {
  const page = html(story)
  expect(page).not.toMatch(/<(script|link|img|iframe)|\bsrc=|url\(|@import/)
  const links = [...page.matchAll(/(?:href|xlink:href)="([^"]*)"/g)].map(([, link]) => link)
  expect(new Set(links)).toEqual(new Set([life.runbook]))
})

test('every chart says what it shows, on one axis of time', () => {
  const page = html(story)
  const charts = [...page.matchAll(/<svg[^>]*aria-label="([^"]+)"/g)]
  expect(charts.length).toBe(8)
  for (const title of ['ServiceUnresponsive', 'delivered', 'scaled: 2 replicas', 'objective 250 ms', '198/s'])
    expect(page.slice(page.indexOf('<svg'))).toContain(title)
})

test('the terminal gets an aligned table, what failed first', () => {
  const [head, first] = verdictTable(failed).split('\n')
  expect(head?.indexOf('demanded')).toBe(first?.indexOf('soon'))
  expect(first).toStartWith('✗ failed')
})

test('is written as a page, as data and as text', async () => {
  const { html, json, markdown } = await writeReport(story, join(mkdtempSync(join(tmpdir(), 'report-')), 'new'))
  expect(await Bun.file(json).json()).toEqual(story)
  expect(await Bun.file(html).text()).toStartWith('<!doctype html>')
  expect(await Bun.file(markdown).text()).toStartWith('# Drill overload: passed')
})

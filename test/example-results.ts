import type {
  AlertState,
  AlertTimeline,
  Capacity,
  LoadResult,
  OverloadResult,
  Phase,
  Series,
} from '../drills/overload/overload-result.ts'
import { offeredSeries } from '../drills/overload/read-series.ts'
import { replicasOf } from '../drills/report/figures.ts'
import { DRILL } from '../monitoring/profiles.ts'
import { runbookUrl } from '../monitoring/rule.ts'

/** Unix time in seconds of the start of the steady state. All other times are seconds since then. */
const BEGIN = 1_800_000_000

interface ExampleLoad extends Pick<LoadResult, 'rate' | 'begin' | 'end'> {
  readonly p95: number
  readonly failedRatio?: number
}

const load = (name: string, { rate, begin, end, p95, failedRatio = 0 }: ExampleLoad): LoadResult => ({
  ...{ rate, failedRatio, wrong: 0, dropped: 0, held: failedRatio === 0 },
  begin: BEGIN + begin,
  end: BEGIN + end,
  requests: rate * (end - begin),
  latency: { p50: p95 / 3, p90: p95 / 1.2, p95, p99: p95 * 1.1, max: p95 * 1.2 },
  summary: `${name}.k6.json`,
})

const phase = (name: Phase['name'], title: string, replicas: number, offered: ExampleLoad): Phase => ({
  ...{ name, replicas, begin: BEGIN + offered.begin, end: BEGIN + offered.end },
  title: `${title}: ${offered.rate} requests/s on ${replicasOf(replicas)}`,
  load: load(name.replace(' ', '-'), offered),
  own: {
    p50: { query: `p50_of_${name}`, value: offered.p95 / 4 },
    p95: { query: 'p95_of', value: 0.123 },
    p99: { query: 'p99_of', value: 4.56 },
  },
})

const phases = [
  phase('steady state', 'Steady state', 1, { rate: 26, begin: 0, end: 30, p95: 0.006 }),
  phase('overload', 'Overload', 1, { rate: 122, begin: 30, end: 90, p95: 1.97, failedRatio: 0.42 }),
  phase('scaled', 'The same load', 3, { rate: 122, begin: 97, end: 140, p95: 0.0203 }),
]

const capacity = (replicas: number, clients: number, rates: number[], from: number): Capacity => ({
  ...{ replicas, clients, rate: Math.max(...rates) },
  runs: rates.map((rate, i) => {
    const begin = from + 5 * i
    return load(`capacity-${replicas}-${i + 1}`, { rate, begin, end: begin + 5, p95: 0.0987 + rate / 1e4 })
  }),
})

type Times = Readonly<Record<'pending' | 'firing' | 'delivered' | 'cleared' | 'resolved', number>>

/** @param parts of the detection; none for an alert that is not expected */
function alert(name: string, severity: string, at: Times, parts: Readonly<Record<string, number>>): AlertTimeline {
  const states = Object.entries({ inactive: 0, ...at }) as [AlertState, number][]
  const expected = Object.keys(parts).length > 0
  const detection = { parts: Object.entries(parts).map(([name, seconds]) => ({ name, seconds })), total: 22.6 }
  return {
    ...{ name, severity, expected, runbook: runbookUrl(name), query: `ALERTS{alertname="${name}"}` },
    states: states.map(([state, seconds]) => ({ state, at: BEGIN + seconds })),
    spans: [
      { state: 'pending', begin: BEGIN + at.pending, end: BEGIN + at.firing },
      { state: 'firing', begin: BEGIN + at.firing, end: BEGIN + at.cleared },
    ],
    ...(expected && { detection, recovery: at.resolved - 90 }),
  }
}

const PARTS = ['overload to first bad sample', 'to pending', 'to firing', 'to delivered']
const parts = (...seconds: number[]) => Object.fromEntries(PARTS.map((part, i) => [part, seconds[i] ?? 0]))

/** A series with a point a second: its value in the steady state, at the end of the overload and after scaling. */
const series = (id: Series['id'], title: string, steady: number, overload: number, scaled: number): Series => ({
  ...{ id, title, query: `rate(${id}_total{job="service"}[15s])` },
  points: Array.from({ length: 150 }, (_, second) => {
    const rising = Math.min(overload, steady + ((second - 30) / 12) * (overload - steady))
    const loaded = second < 92 ? rising : scaled
    return [BEGIN + second, second < 30 || second >= 140 ? steady : loaded]
  }),
})

const check = (name: string, expected: string, seen: string) => ({ name, expected, seen, ok: true })

/** A made-up overload drill that passed, with text that could be taken for markup. */
export const example: OverloadResult = {
  drill: 'overload',
  platform: 'local',
  startedAt: BEGIN - 90,
  endedAt: BEGIN + 150,
  machine: {
    cpu: 'a <fast> & "quoted" one',
    cores: 2,
    memoryBytes: 2 ** 34,
    system: 'Linux 6.1.0 x64',
    cpuLimit: '0.3 cores, by the kernel (systemd scope)',
    programs: { k6: '2.2.0', prometheus: '3.9.1', alertmanager: '0.31.0' },
  },
  settings: { overloadFactor: 1.4, replicas: { before: 1, after: 3 }, autoscaled: false, seed: 7, scrapeInterval: 5 },
  capacities: [capacity(1, 4, [84.2, 87, 86.5], -90), capacity(3, 12, [221, 239.25, 238], -60)],
  tipping: { rate: 122, after: 6.5, carried: [95, 108] },
  phases,
  alerts: [
    alert(
      'ServiceUnresponsive',
      'critical',
      { pending: 41, firing: 51, delivered: 52.1, cleared: 93, resolved: 94.4 },
      parts(7.7, 3.3, 10, 1.1),
    ),
    alert(
      'HighLatency',
      'warning',
      { pending: 39, firing: 50, delivered: 51.2, cleared: 118, resolved: 119.1 },
      parts(6, 3, 11, 1.2),
    ),
    alert(
      'ErrorBudgetBurnFast',
      'critical',
      { pending: 60, firing: 62, delivered: 63, cleared: 148, resolved: 149 },
      {},
    ),
  ],
  series: [
    offeredSeries(DRILL, phases),
    series('answered', 'answered', 26, 70, 122),
    series('clientLatency', "the clients' p95", 0.006, 1.97, 0.02),
    series('ownLatency', "the service's own p95", 0.004, 2.4, 0.02),
    series('inFlight', 'requests in flight', 1, 230, 4),
    series('eventLoopLag', 'event loop lag p99', 0.004, 0.09, 0.006),
    series('replicas', 'answer scrapes', 1, 1, 3),
    series('failed', 'failed requests', 0, 0.42, 0),
    series('nodeCPU', 'CPU in use', 0.3, 0.62, 0.85),
    series('nodePressure', 'share of time that processes waited for CPU', 0.02, 0.12, 0.2),
  ],
  marks: [{ at: BEGIN + 94, label: '3 replicas' }],
  checks: [
    check('steady state: 95th percentile', 'at most 0.25 s', '0.006 s'),
    check('overload: 95th percentile', 'more than 0.25 s', '1.97 s'),
    check('HighLatency: states in order', 'inactive → pending → firing → delivered → resolved', 'the same'),
    check('scaled: 95th percentile', 'at most 0.25 s', '0.0203 s'),
    check('scaled: failed requests', 'at most 0.01', '0'),
  ],
  verdict: 'passed',
  starved: [],
}

/** Drills that did not pass: a check failed, the machine had no CPU left, or the drill stopped early. */
export const failed: OverloadResult = {
  ...example,
  verdict: 'failed',
  checks: [...example.checks, { name: 'HighLatency: resolved', expected: 'at most 90 s', seen: 'never', ok: false }],
}
export const inconclusive: OverloadResult = {
  ...example,
  verdict: 'inconclusive',
  starved: ['Processes waited for CPU 47 % of the time', '9 processes could run on 2 cores.'],
  checks: [
    ...example.checks,
    { name: 'scaled: failed requests', expected: 'at most 0.01', seen: '0.3', ok: false, needsCPU: true },
  ],
}
export const stopped: OverloadResult = {
  ...{ ...example, tipping: undefined },
  ...{ capacities: [], phases: [], alerts: [], series: [], marks: [], verdict: 'failed', failure: 'k6 <fell> over' },
}

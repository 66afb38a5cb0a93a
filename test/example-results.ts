import type {
  AlertTimeline,
  Capacity,
  LoadResult,
  OverloadResult,
  Phase,
  Series,
} from '../drills/overload/overload-result.ts'
import { runbookUrl } from '../monitoring/rule.ts'

/** Unix time in seconds of the begin of the steady state. */
const BEGIN = 1_800_000_000

const load = (
  name: string,
  rate: number,
  [begin, end]: [number, number],
  p95: number,
  failedRatio = 0,
): LoadResult => ({
  rate,
  begin: BEGIN + begin,
  end: BEGIN + end,
  requests: rate * (end - begin),
  failedRatio,
  wrong: 0,
  dropped: 0,
  latency: { p50: p95 / 3, p90: p95 / 1.2, p95, p99: p95 * 1.1, max: p95 * 1.2 },
  held: failedRatio === 0,
  summary: `${name}.k6.json`,
})

const phase = (
  name: Phase['name'],
  title: string,
  replicas: number,
  rate: number,
  time: [number, number],
  p95: number,
  failedRatio = 0,
): Phase => ({
  name,
  title: `${title}: ${rate} requests/s on ${replicas} replica${replicas > 1 ? 's' : ''}`,
  begin: BEGIN + time[0],
  end: BEGIN + time[1],
  replicas,
  load: load(name.replace(' ', '-'), rate, time, p95, failedRatio),
  own: {
    p50: { query: `p50_of_${name}`, value: p95 / 4 },
    p95: { query: 'p95_of', value: 0.123 },
    p99: { query: 'p99_of', value: 4.56 },
  },
})

const capacity = (replicas: number, clients: number, rates: number[], begin: number): Capacity => ({
  replicas,
  rate: Math.max(...rates),
  clients,
  runs: rates.map((rate, i) => {
    const from = begin + 5 * i
    return load(`capacity-${replicas}-${i + 1}`, rate, [from, from + 5], 0.0987 + rate / 1e4)
  }),
})

/** An alert whose states changed at these seconds: pending, firing, delivered, cleared, resolved. */
function alert(name: string, severity: string, at: readonly number[], parts: readonly number[]): AlertTimeline {
  const [pending = 0, firing = 0, , cleared = 0, resolved = 0] = at.map(seconds => BEGIN + seconds)
  const names = ['overload to first bad sample', 'to pending', 'to firing', 'to delivered']
  return {
    name,
    severity,
    expected: parts.length > 0,
    states: (['inactive', 'pending', 'firing', 'delivered', 'cleared', 'resolved'] as const).map((state, i) => ({
      state,
      at: BEGIN + ([0, ...at][i] ?? 0),
    })),
    spans: [
      { state: 'pending', begin: pending, end: firing },
      { state: 'firing', begin: firing, end: cleared },
    ],
    runbook: runbookUrl(name),
    ...(parts.length > 0 && {
      detection: { parts: names.map((part, i) => ({ name: part, seconds: parts[i] ?? 0 })), total: 22.6 },
      recovery: resolved - BEGIN - 90,
    }),
    query: `ALERTS{alertname="${name}"}`,
  }
}

/** A series with a point a second: its value in the steady state, at the end of the overload and after the scale. */
function series(id: Series['id'], title: string, levels: readonly [number, number, number]): Series {
  const [steadyState, overload, scaled] = levels
  const value = (second: number) => {
    const ripple = 1 + 0.04 * Math.sin(second)
    if (second < 30) return steadyState * ripple
    if (second < 92) return Math.min(overload, steadyState + ((second - 30) / 12) * (overload - steadyState)) * ripple
    return second < 140 ? scaled * ripple : steadyState * ripple
  }
  return {
    id,
    title,
    query: `rate(${id}_total{job="service"}[15s])`,
    points: Array.from({ length: 150 }, (_, i) => [BEGIN + i, value(i)] as const),
  }
}

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
  settings: {
    overloadFactor: 1.4,
    replicas: { before: 1, after: 3 },
    autoscaled: false,
    seed: 7,
    scrapeInterval: 5,
  },
  capacities: [capacity(1, 4, [84.2, 87, 86.5], -90), capacity(3, 12, [221, 239.25, 238], -60)],
  tipping: { rate: 122, after: 6.5, carried: [95, 108] },
  phases: [
    phase('steady state', 'Steady state', 1, 26, [0, 30], 0.006),
    phase('overload', 'Overload', 1, 122, [30, 90], 1.97, 0.42),
    phase('scaled', 'The same load', 3, 122, [97, 140], 0.0203),
  ],
  alerts: [
    alert('ServiceUnresponsive', 'critical', [41, 51, 52.1, 93, 94.4], [7.7, 3.3, 10, 1.1]),
    alert('HighLatency', 'warning', [39, 50, 51.2, 118, 119.1], [6, 3, 11, 1.2]),
    alert('ErrorBudgetBurnFast', 'critical', [60, 62, 63, 148, 149], []),
  ],
  series: [
    {
      ...series('offered', 'offered', [26, 122, 122]),
      query: 'the rate that k6 was given in each phase',
      points: [0, 26, 26, 0, 122, 122, 0, 122, 122, 0].map((rate, i) => [
        BEGIN + ([0, 0, 30, 30, 30, 90, 90, 97, 97, 140][i] ?? 0),
        i === 7 ? 0 : i === 9 ? 122 : rate,
      ]),
    },
    series('answered', 'answered', [26, 70, 122]),
    series('clientLatency', "the clients' p95", [0.006, 1.97, 0.02]),
    series('ownLatency', "the service's own p95", [0.004, 2.4, 0.02]),
    series('inFlight', 'requests in flight', [1, 230, 4]),
    series('eventLoopLag', 'event loop lag p99', [0.004, 0.09, 0.006]),
    {
      ...series('replicas', 'answer scrapes', [1, 1, 3]),
      points: Array.from({ length: 150 }, (_, i) => [BEGIN + i, i < 97 ? 1 : 3] as const),
    },
    series('failed', 'failed requests', [0, 0.42, 0]),
    series('nodeCPU', 'CPU in use', [0.3, 0.62, 0.85]),
    series('nodePressure', 'share of time that processes waited for CPU', [0.02, 0.12, 0.2]),
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
const { tipping: _tipping, ...untipped } = example
export const stopped: OverloadResult = {
  ...untipped,
  ...{ capacities: [], phases: [], alerts: [], series: [], marks: [], verdict: 'failed', failure: 'k6 <fell> over' },
}

import { atLeast, needsCPU } from '../drills/overload/checks.ts'
import type { Check, Verdict } from '../drills/overload/overload-result.ts'
import { percent } from '../drills/report/figures.ts'
import { type Column, checksSection, pairsOf, type Report, tableOf } from '../drills/report/report-model.ts'
import type { Footprint } from './footprint.ts'
import { type Figures, figuresOf, median, quantile, type Round, ratiosOf } from './rounds.ts'
import { VARIANT_NAMES, VARIANTS } from './variants.ts'

/** Least share of the rate of `bare` that a variant keeps at the lower quartile of the rounds. */
const LEAST_SHARE = { service: 0.8, metrics: 0.95 } as const

/** The control must keep less than this share of the rate of `metrics`, or the bench cannot tell two ways to count apart. */
const CONTROL_SHARE = 0.97

/** Least share of the time in which the server's core is busy; below it, something else was the limit. */
const LEAST_BUSY = 0.95

/** Least share of its core that the server uses (0.92 when the machine is idle). Below it, other processes ran on that core. */
const LEAST_USED = 0.8

function shareCheck(rounds: readonly Round[], variant: 'service' | 'metrics', what: string): Check {
  const ratios = ratiosOf(rounds, variant, 'bare')
  const name = `requests/s with ${what}, of bare: lower quartile`
  const check = needsCPU(atLeast(name, quantile(0.25, ratios), LEAST_SHARE[variant], 3))
  return { ...check, seen: `${check.seen} (median ${median(ratios).toFixed(3)})` }
}

/** Passed where all checks hold; inconclusive where other processes ran on the server's core. */
export function verdictOf(checks: readonly Check[], figures: readonly Figures[]): Verdict {
  if (figures.some(({ used }) => used < LEAST_USED)) return 'inconclusive'
  return checks.every(({ ok }) => ok) ? 'passed' : 'failed'
}

/** Each demand, with what was seen. */
export function checksOf(rounds: readonly Round[], figures: readonly Figures[]): Check[] {
  const control = median(ratiosOf(rounds, 'library', 'metrics'))
  const busy = Math.min(...figures.map(figure => figure.busy))
  const used = Math.min(...figures.map(figure => figure.used))
  return [
    shareCheck(rounds, 'service', 'metrics, ids and logs'),
    shareCheck(rounds, 'metrics', 'metrics alone'),
    {
      name: 'control: requests/s of library, of metrics: median',
      expected: `less than ${CONTROL_SHARE}`,
      seen: control.toFixed(3),
      ok: control < CONTROL_SHARE,
      needsCPU: true,
    },
    atLeast("the server's core was busy, so the server was the limit", busy, LEAST_BUSY, 3),
    needsCPU(atLeast('no other process ran on that core: share of the server', used, LEAST_USED, 3)),
  ]
}

const TABLE: readonly Column<Figures>[] = [
  { title: 'variant', cell: ({ variant }) => variant },
  { title: 'differs from', cell: ({ variant }) => VARIANTS[variant].from },
  { title: 'in one thing', cell: ({ variant }) => VARIANTS[variant].by },
  { title: 'requests/s', cell: ({ requestsPerSecond }) => requestsPerSecond.toFixed(0) },
  { title: 'of bare: median', cell: ({ ofBare }) => ofBare.median.toFixed(3) },
  { title: 'lower quartile', cell: ({ ofBare }) => ofBare.lowerQuartile.toFixed(3) },
  { title: 'least', cell: ({ ofBare }) => ofBare.least.toFixed(3) },
  { title: 'CPU µs a request', cell: ({ cpuMicroseconds }) => cpuMicroseconds.toFixed(1) },
  { title: 'p99 ms', cell: ({ p99Ms }) => p99Ms.toFixed(2) },
  { title: 'core busy', cell: ({ busy }) => percent(busy) },
  { title: 'by the server', cell: ({ used }) => percent(used) },
]

/** The report of the bench. `startedAt` is a Unix time in seconds, `seconds` the length of a variant's run in a round. */
export function benchReport(rounds: readonly Round[], seconds: number, took: Footprint, startedAt: number): Report {
  const figures = VARIANT_NAMES.map(variant => figuresOf(variant, rounds))
  const checks = checksOf(rounds, figures)
  const verdict = verdictOf(checks, figures)
  return {
    title: 'What telemetry costs',
    origin: 'bench',
    startedAt,
    verdict,
    line: `The bench ${verdict === 'inconclusive' ? 'is inconclusive' : verdict}`,
    advice: [],
    figures: [],
    sections: [
      checksSection(checks, verdict),
      {
        title: 'Rates of the variants',
        note: `${rounds.length} rounds of ${seconds} s for each variant. Variants take turns; each is compiled and alone on one core, the load generator on another. Ratios compare two variants in the same round; all else are medians.`,
        ...tableOf(figures, TABLE),
      },
      {
        title: 'What the service takes',
        ...pairsOf({
          'start of the process to /readyz': `${took.readyMs.toFixed(0)} ms`,
          'memory at rest': `${took.restMB} MB`,
          'after 50,000 requests, and 50,000 more': took.loadedMB.map(each => `${each} MB`).join(', '),
          "after an hour's worth of requests (360,000), each with a line of log": `${took.hourMB} MB`,
          'a scrape': `${took.scrapeBytes.toFixed(0)} bytes in ${took.scrapeMs.toFixed(1)} ms`,
          'the longest wait of a request, without scrapes': `${took.longestMs.toFixed(1)} ms`,
          'the same with five scrapes a second': `${took.longestScrapedMs.toFixed(1)} ms`,
        }),
      },
    ],
    alerts: [],
    data: { verdict, rounds, footprint: took, checks },
  }
}

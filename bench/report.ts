import type { Check } from '../drills/overload/story.ts'
import type { Table } from '../drills/report/text.ts'
import type { Footprint } from './footprint.ts'
import type { Figures, Variant } from './rounds.ts'

/** What is demanded: of the metrics, of the control that must be seen to cost more, and of the server's core. */
const DEMANDS = { metrics: 0.95, naive: 0.9, busy: 0.95 } as const

const WHAT: Readonly<Record<Variant, string>> = {
  bare: 'the application alone',
  metrics: 'with its metrics',
  ids: "with its requests' ids, too",
  logs: 'with a line of log for each request, too',
  naive: 'the control: metrics by hooks and labels',
}

/** The verdict: each demand, with what was seen. */
export function checksOf(figures: readonly Figures[]): Check[] {
  const of = (variant: Variant) => figures.find(figure => figure.variant === variant)?.ratio ?? Number.NaN
  const busy = Math.min(...figures.map(({ busy }) => busy))
  const check = (name: string, expected: string, seen: number, ok: boolean): Check => ({
    name,
    expected,
    seen: seen.toFixed(3),
    ok,
  })
  const [metrics, naive] = [of('metrics'), of('naive')]
  return [
    check(
      'requests/s with metrics, of those without',
      `at least ${DEMANDS.metrics}`,
      metrics,
      metrics >= DEMANDS.metrics,
    ),
    check('the control, else nothing was measured', `less than ${DEMANDS.naive}`, naive, naive < DEMANDS.naive),
    check('the server was the limit: its core was busy', `at least ${DEMANDS.busy}`, busy, busy >= DEMANDS.busy),
  ]
}

/** What each variant came to. */
export const figuresTable = (figures: readonly Figures[], rounds: number, seconds: number): Table => ({
  title: 'What observing costs',
  note: `Medians of ${rounds} rounds of ${seconds} s each, the variants in turn, each compiled, alone on one core and asked by another. Ratios are of one round each.`,
  columns: ['', 'requests/s', 'of bare', 'from', 'to', 'CPU µs a request', 'p99 ms', 'core busy'],
  rows: figures.map(({ variant, rate, ratio, spread, cpu, p99, busy }) => ({
    cells: [
      ...[`${variant}: ${WHAT[variant]}`, rate.toFixed(0), ratio.toFixed(3)],
      ...[...spread.map(each => each.toFixed(3)), cpu.toFixed(1), p99.toFixed(2), `${(100 * busy).toFixed(0)} %`],
    ],
  })),
})

/** What the service takes beside. */
export const footprintTable = ({ ready, memory, scrape, longest }: Footprint): Table => ({
  title: 'What the service takes',
  columns: ['what', 'figure'],
  rows: [
    ['start of the process to /readyz', `${ready.toFixed(0)} ms`],
    ['memory at rest', `${memory.atRest} MB`],
    ['after 50,000 requests, and 50,000 more', memory.afterLoad.map(each => `${each} MB`).join(', ')],
    ["after an hour's worth of requests (360,000), each with a line of log", `${memory.afterHour} MB`],
    ['a scrape', `${scrape.bytes.toFixed(0)} bytes in ${scrape.milliseconds.toFixed(1)} ms`],
    ['the longest wait of a request, without scrapes', `${longest.alone.toFixed(1)} ms`],
    ['the same with five scrapes a second', `${longest.scraped.toFixed(1)} ms`],
  ].map(cells => ({ cells })),
})

import { select } from '../rule.ts'
import { SCRAPES, type Stretches } from './stretches.ts'

/** A series of a promtool test: its value at each scrape. `stale`: the target has gone away; `_`: no sample. */
export interface InputSeries {
  readonly series: string
  readonly values: string
}

export type Labels = Readonly<Record<string, string>>

/** Whether a series is a counter: by Prometheus' naming conventions, or one of those that the kernel names. */
export const isCounter = (series: string) => /_(total|bucket|sum|count)\{|^node_vmstat_/.test(series)

export function gauge(metric: string, labels: Labels, stretches: Stretches): InputSeries {
  const values = stretches.flatMap(([value, scrapes]) =>
    Number.isNaN(value) ? ['stale', ...Array(scrapes).fill('_')].slice(0, scrapes) : Array(scrapes).fill(value),
  )
  return { series: select(metric, labels), values: values.join(' ') }
}

/** A counter that begins at 0. */
export function counter(metric: string, labels: Labels, stretches: Stretches): InputSeries {
  const values: number[] = []
  for (const [increase, scrapes] of stretches)
    for (let scrape = 0; scrape < scrapes; scrape++) values.push((values.at(-1) ?? 0) + increase)
  return { series: select(metric, labels), values: values.join(' ') }
}

/** The scrapes at which {@link replacedExporters} replaces the exporter's pod: at 50, and then every 20 scrapes. */
const REPLACEMENTS = Array.from({ length: (SCRAPES - 50) / 20 }, (_, pod) => 50 + 20 * pod)

/**
 * The same series, reported by pods of an exporter. Each pod replaces the one before, and one scrape finds both.
 * @param label the label that has another value for each pod
 */
export const replacedExporters = (input: readonly InputSeries[], label: string): InputSeries[] =>
  input.flatMap(({ series, values }) =>
    [0, ...REPLACEMENTS].map((begin, pod) => {
      const end = REPLACEMENTS[pod] ?? SCRAPES
      const own = values
        .split(' ')
        .map((sample, scrape) => (scrape < begin || scrape > end + 1 ? '_' : scrape <= end ? sample : 'stale'))
      return { series: series.replace(/}$/, `,${label}="exporter-${pod}"}`), values: own.join(' ') }
    }),
  )

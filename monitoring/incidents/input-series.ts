import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { select } from '../rule.ts'
import { EXPECTED_JOBS, JOBS } from '../targets.ts'

/** A series of a promtool test: its value at each scrape. `stale`: the target has gone away; `_`: no sample. */
export interface InputSeries {
  readonly series: string
  readonly values: string
}

/** A value and the number of scrapes for which it holds. The value of a counter is its increase at each scrape. */
type Stretch = readonly [value: number, scrapes: number]
export type Stretches = readonly Stretch[]

export type Labels = Readonly<Record<string, string>>

/** Value of a gauge whose series does not exist: its target has gone away. */
export const STALE = Number.NaN

const { ports, probe } = SERVICE_CONFIG

/** Labels of the targets. */
export const SERVICE_LABELS = { job: JOBS.service, instance: `replica-1:${ports.metrics}` }
export const PROBE_LABELS = { job: JOBS.probe, instance: `http://service${probe.path}` }
export const NODE_LABELS = { job: JOBS.node, instance: 'node-1:9100' }
export const DISK_LABELS = { ...NODE_LABELS, device: '/dev/sda1', fstype: 'ext4', mountpoint: '/data' }

/** Labels of one target of each expected job. */
export const EXPECTED_TARGETS = EXPECTED_JOBS.map(
  ({ job }) => [PROBE_LABELS, NODE_LABELS].find(labels => labels.job === job) ?? { job, instance: `${job}:80` },
)

export const SCRAPES = 200

/** The scrape at which each incident begins: after a full window. */
export const INCIDENT_BEGIN = 30

/** Whether a series is a counter, by Prometheus' naming conventions. */
export const isCounter = (series: string) => /_(total|bucket|sum|count)\{/.test(series)

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

export const sequence = (...stretches: Stretches) => stretches

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

/** One value for the whole test. */
export const steady = (value: number) => sequence([value, SCRAPES])

/** The value `rest`, and for some scrapes from {@link INCIDENT_BEGIN} on the value `bad`. */
export const incident = (rest: number, bad: number, scrapes = 40) =>
  sequence([rest, INCIDENT_BEGIN], [bad, scrapes], [rest, SCRAPES - INCIDENT_BEGIN - scrapes])

/** The value `rest`, and from {@link INCIDENT_BEGIN} to the end of the test the value `bad`. */
export const lasting = (rest: number, bad: number) => incident(rest, bad, SCRAPES - INCIDENT_BEGIN)

/** The same stretches with other values. */
export const mapStretches = (stretches: Stretches, change: (value: number) => number): Stretches =>
  stretches.map(([value, scrapes]) => [change(value), scrapes])

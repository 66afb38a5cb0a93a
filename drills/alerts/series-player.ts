import type { Incident } from '../../monitoring/incidents/incidents.ts'
import { isCounter } from '../../monitoring/incidents/input-series.ts'

/** Steady state, then the incident, then the recovery. */
export type ReplayPhase = 'steady' | 'incident' | 'recovery'

/** A series of a replay. */
export interface ReplaySeries {
  /** Name and labels, as PromQL. */
  readonly series: string
  /**
   * The value at a scrape of a phase, counted from 0; of a counter, the increase since the scrape before. Undefined: the
   * series is absent.
   */
  readonly value: (phase: ReplayPhase, scrape: number) => number | undefined
  /** The value `ago` seconds before the replay began. Default: the series has no history. */
  readonly history?: (ago: number) => number
}

/** Sample at which each incident of the unit tests begins. */
const INCIDENT_SAMPLE = 30

/** The series of an incident of the unit tests. */
export const seriesOf = ({ input }: Incident): ReplaySeries[] =>
  input.map(({ series, values }) => {
    const samples = values.split(' ').map(Number)
    const at = (index: number) => samples[Math.min(index, samples.length - 1)] as number
    return {
      series,
      value(phase, scrape) {
        const index = { steady: INCIDENT_SAMPLE - 1, incident: INCIDENT_SAMPLE + scrape, recovery: samples.length - 1 }[
          phase
        ]
        const value = isCounter(series) ? at(index) - at(index - 1) : at(index)
        return Number.isNaN(value) ? undefined : value // `stale` and `_`
      },
    }
  })

/** Returns one sample of each series at each scrape. */
export class SeriesPlayer {
  /** Scrapes of the current phase. */
  scrapes = 0
  #phase: ReplayPhase = 'steady'
  readonly #series: readonly ReplaySeries[]
  readonly #counters = new Map<string, number>()

  constructor(all: readonly ReplaySeries[]) {
    this.#series = all
    for (const { series, history } of all) if (isCounter(series)) this.#counters.set(series, history?.(0) ?? 0)
  }

  begin(phase: ReplayPhase): void {
    this.#phase = phase
    this.scrapes = 0
  }

  /** The next scrape, in the text format of Prometheus. */
  scrape(): string {
    const scrape = this.scrapes++
    const lines = this.#series.flatMap(({ series, value }) => {
      const sample = value(this.#phase, scrape)
      if (sample === undefined) return []
      const counter = this.#counters.get(series)
      if (counter === undefined) return `${series} ${sample}`
      this.#counters.set(series, counter + sample)
      return `${series} ${counter + sample}`
    })
    return `${lines.join('\n')}\n`
  }

  /**
   * The history before `now` (Unix time in seconds) in the OpenMetrics format; empty when no series has a history.
   * @param length seconds
   * @param step seconds between two samples
   */
  history(now: number, length: number, step: number): string {
    const ages = Array.from({ length: Math.floor(length / step) }, (_, i) => length - i * step)
    const lines = this.#series.flatMap(({ series, history }) =>
      history === undefined ? [] : ages.map(ago => `${series} ${history(ago)} ${Math.round(now - ago)}`),
    )
    return lines.length === 0 ? '' : `${lines.join('\n')}\n# EOF\n`
  }
}

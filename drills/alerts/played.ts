import type { Incident } from '../../monitoring/incidents/incidents.ts'
import { isCounter } from '../../monitoring/incidents/input-series.ts'

/** What goes on: all is well, then something happens, then it is over. */
export type Act = 'rest' | 'bad' | 'end'

/** A series that is played, a value a scrape. */
export interface Played {
  /** With its labels, as Prometheus writes it. */
  readonly series: string
  /** At a scrape of an act, counted from 0: of a counter, its rise since the last one; undefined where there is no such series. */
  readonly value: (act: Act, scrape: number) => number | undefined
  /** What it was so many seconds ago, before Prometheus began; none if it was not there. */
  readonly history?: (ago: number) => number
}

/** The scrape at which every incident of the unit tests begins. */
const BEGIN = 30

/** The series of an incident of the unit tests: the same values, and the same labels. */
export const ofIncident = ({ input }: Incident): Played[] =>
  input.map(({ series, values }) => {
    const texts = values.split(' ')
    const at = (scrape: number) => Number(texts[Math.min(scrape, texts.length - 1)])
    const counted = isCounter(series)
    return {
      series,
      value(act, scrape) {
        const index = { rest: BEGIN - 1, bad: BEGIN + scrape, end: texts.length - 1 }[act]
        const value = counted ? at(index) - at(index - 1) : at(index)
        return Number.isNaN(value) ? undefined : value // `stale` and `_`
      },
    }
  })

/** Plays series to whoever scrapes them, one after the other; the acts are changed from outside. */
export class Player {
  act: Act = 'rest'
  readonly #played: readonly Played[]
  readonly #counters = new Map<string, number>()
  #since: { act: Act; scrapes: number } = { act: 'rest', scrapes: 0 }

  constructor(played: readonly Played[]) {
    this.#played = played
    for (const { series, history } of played) if (isCounter(series)) this.#counters.set(series, history?.(0) ?? 0)
  }

  /** The next scrape, in Prometheus' text format. */
  scrape(): string {
    this.#since = this.#since.act === this.act ? this.#since : { act: this.act, scrapes: 0 }
    const { act, scrapes } = this.#since
    this.#since.scrapes++
    const lines = this.#played.flatMap(({ series, value }) => {
      const now = value(act, scrapes)
      if (now === undefined) return []
      const before = this.#counters.get(series)
      if (before === undefined) return [`${series} ${now}`]
      this.#counters.set(series, before + now)
      return [`${series} ${before + now}`]
    })
    return `${lines.join('\n')}\n`
  }

  /** What was before, a value each `step` seconds up to `now` (Unix time in seconds), in the format of OpenMetrics; empty if nothing was. */
  history(now: number, length: number, step: number): string {
    const lines = this.#played.flatMap(({ series, history }) => {
      if (history === undefined) return []
      return Array.from({ length: Math.floor(length / step) }, (_, i) => length - i * step).map(
        ago => `${series} ${history(ago)} ${Math.round(now - ago)}`,
      )
    })
    return lines.length === 0 ? '' : `${lines.join('\n')}\n# EOF\n`
  }
}

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { BytesIEC, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { Answer } from '../../lib/prometheus.ts'
import { type PanelQuery, queriesOf } from '../../monitoring/dashboards/queries.ts'
import { type Profile, secondsOf } from '../../monitoring/profiles.ts'
import type { Platform } from '../../platforms/platform.ts'

/** What a query of a panel was seen to answer. */
export interface Evaluated extends PanelQuery {
  /** The last of each series, where it is a number. */
  readonly values: readonly number[]
  /** What is wrong with it, if anything. */
  readonly fault?: string
  /** Whether it was not asked, because its platform is another. */
  readonly elsewhere: boolean
}

/** What is asked for answers: a Prometheus, over a range, at every step of so many seconds. */
export interface Prometheus {
  range(query: string, start: number, end: number, step: number): Promise<Answer[]>
  instant(query: string, time: number): Promise<Answer[]>
}

/** The range that is looked at, as the dashboards show it at first. */
const RANGE = '15m'

/** More than these no panel of this service shows, in its unit: what is above is in another, or none at all. */
const MOST: Readonly<Record<string, number>> = {
  // a limit of CPU time is one of each period, so a rate may be somewhat above it
  [PercentUnit]: 1.1,
  [Seconds]: 2 * secondsOf(RANGE),
}
/** A size in bytes that is less is one in something else. */
const LEAST_BYTES = 2 ** 20

/** What is wrong with the answer to a query, if anything: it has to be there, and its values have to fit their unit. */
export function faultOf({ unit, negative }: PanelQuery, answers: readonly Answer[]): string | undefined {
  const values = answers.flatMap(({ samples }) => samples.map(([, value]) => value)).filter(Number.isFinite)
  if (values.length === 0) return answers.length === 0 ? 'empty' : 'no number in it'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (least < 0 && !negative) return `${least} is less than nothing`
  if (most > (MOST[unit] ?? Number.POSITIVE_INFINITY)) return `${most} is too much for the unit ${unit}`
  if (unit === BytesIEC && most !== 0 && most < LEAST_BYTES) return `${most} bytes are too few for the unit ${unit}`
  return undefined
}

/**
 * Asks every query of every panel as Grafana would, of what the last quarter of an hour left.
 * @param now Unix time in seconds
 * @param signal stops between two queries
 */
export async function evaluate(
  dashboards: Iterable<Dashboard>,
  prometheus: Prometheus,
  platform: Platform['name'],
  { window, scrapeInterval }: Profile,
  now: number,
  signal?: AbortSignal,
): Promise<Evaluated[]> {
  const step = secondsOf(scrapeInterval)
  const queries = [...dashboards].flatMap(dashboard => queriesOf(dashboard, { window, range: RANGE }))
  const ask = async (query: PanelQuery): Promise<Evaluated> => {
    const { expr, instant, platforms } = query
    if (platforms !== 'all' && platforms !== platform) return { ...query, values: [], elsewhere: true }
    try {
      const answers = instant
        ? await prometheus.instant(expr, now)
        : await prometheus.range(expr, now - secondsOf(RANGE), now, step)
      const values = answers.flatMap(
        ({ samples }) => samples.findLast(([, value]) => Number.isFinite(value))?.[1] ?? [],
      )
      const fault = faultOf(query, answers)
      return { ...query, values, elsewhere: false, ...(fault && { fault }) }
    } catch (error) {
      return { ...query, values: [], elsewhere: false, fault: (error as Error).message }
    }
  }
  const evaluated: Evaluated[] = []
  // one at a time: a small Prometheus watches, too
  for (const query of queries) {
    signal?.throwIfAborted()
    evaluated.push(await ask(query))
  }
  return evaluated
}

/** What of it is wrong. */
export const faultsOf = (evaluated: readonly Evaluated[]) => evaluated.filter(({ fault }) => fault !== undefined)

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { BytesIEC, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { Answer, PrometheusClient } from '../../lib/prometheus.ts'
import { type PanelQuery, queriesOf } from '../../monitoring/dashboards/panel-queries.ts'
import { type Profile, secondsOf } from '../../monitoring/profiles.ts'
import { selectorsOf } from '../../monitoring/promql.ts'
import type { Platform } from '../../platforms/platform.ts'

/** A panel's query and its answer. */
export interface EvaluatedQuery extends PanelQuery {
  /** The last finite value of each series. */
  readonly values: readonly number[]
  /** Why the answer is wrong, if it is. */
  readonly fault?: string
  /** Why the query was not run, if it was not. */
  readonly skipped?: string
}

/** The time range of the queries: what most dashboards show when they are opened. */
const RANGE = '15m'

/** Whether k6 has sent load in the time range: only then do its series exist. */
const LOADED = `count(last_over_time({__name__=~"k6_.+"}[${RANGE}]))`

/** Maximum of a plausible value, by unit. A value above it has another unit. */
const MAXIMUM: Readonly<Record<string, number>> = {
  // the rate of CPU time may be somewhat above the limit, which holds for each period
  [PercentUnit]: 1.1,
  [Seconds]: 2 * secondsOf(RANGE),
}
/** Minimum of a plausible size in bytes, other than 0. */
const MINIMUM_BYTES = 2 ** 20

/** Why an answer is wrong: it is empty, or its values do not fit the unit. Undefined if the answer is right. */
export function faultOf({ unit, mayBeNegative }: PanelQuery, answers: readonly Answer[]): string | undefined {
  const values = answers.flatMap(({ samples }) => samples.map(([, value]) => value)).filter(Number.isFinite)
  if (values.length === 0) return answers.length === 0 ? 'no series' : 'no finite value'
  const minimum = Math.min(...values)
  const maximum = Math.max(...values)
  if (minimum < 0 && !mayBeNegative) return `${minimum} is negative`
  if (maximum > (MAXIMUM[unit] ?? Number.POSITIVE_INFINITY)) return `${maximum} is too large for the unit ${unit}`
  if (unit === BytesIEC && maximum !== 0 && maximum < MINIMUM_BYTES)
    return `${maximum} bytes are too few for the unit ${unit}`
  return undefined
}

/**
 * Runs every query of every panel over the last 15 minutes, as Grafana does. Leaves out the queries of another platform and,
 * where k6 has sent no load, those of k6. Queries run one at a time, because the Prometheus of a drill has little CPU and must
 * keep scraping.
 * @param now Unix time in seconds
 * @param signal stops the evaluation between two queries
 * @throws the signal's reason, or an Error if a query cannot be parsed
 */
export async function evaluate(
  dashboards: Iterable<Dashboard>,
  prometheus: Pick<PrometheusClient, 'range' | 'instant'>,
  platform: Platform['name'],
  { window, scrapeInterval }: Profile,
  now: number,
  signal?: AbortSignal,
): Promise<EvaluatedQuery[]> {
  const ask = ({ expr, instant }: PanelQuery) =>
    instant
      ? prometheus.instant(expr, now)
      : prometheus.range(expr, now - secondsOf(RANGE), now, secondsOf(scrapeInterval))
  const run = async (query: PanelQuery): Promise<Answer[]> => {
    const answers = await ask(query)
    if (answers.length > 0 || !query.mayBeEmpty) return answers
    // Nothing fires or failed. A metric that does not exist is still a fault.
    for (const { metric } of selectorsOf(query.expr))
      if ((await prometheus.instant(`count(${metric})`, now)).length === 0) return []
    return [{ labels: {}, samples: [[now, 0]] }]
  }
  const isLoaded = (await prometheus.instant(LOADED, now)).length > 0
  const reasonToSkip = ({ platforms, expr }: PanelQuery): string | undefined => {
    if (platforms !== 'all' && platforms !== platform) return `not on ${platform}`
    const isOfLoad = selectorsOf(expr).some(({ metric }) => metric?.startsWith('k6_'))
    return isOfLoad && !isLoaded ? `no load in ${RANGE}` : undefined
  }
  const evaluated: EvaluatedQuery[] = []
  for (const query of [...dashboards].flatMap(shown => queriesOf(shown, { rateInterval: window, range: RANGE }))) {
    signal?.throwIfAborted()
    const skipped = reasonToSkip(query)
    evaluated.push({ ...query, ...(skipped ? { skipped, values: [] } : await judge(query, run(query))) })
  }
  return evaluated
}

async function judge(query: PanelQuery, answer: Promise<Answer[]>): Promise<Pick<EvaluatedQuery, 'values' | 'fault'>> {
  try {
    const series = await answer
    const fault = faultOf(query, series)
    const values = series.flatMap(({ samples }) => samples.findLast(([, value]) => Number.isFinite(value))?.[1] ?? [])
    return { values, ...(fault && { fault }) }
  } catch (error) {
    return { values: [], fault: (error as Error).message }
  }
}

/** The queries whose answers are wrong. */
export const faultsOf = (evaluated: readonly EvaluatedQuery[]) => evaluated.filter(({ fault }) => fault !== undefined)

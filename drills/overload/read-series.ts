import type { PrometheusClient } from '../../lib/prometheus.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import type { Figure, Phase, Series } from './overload-result.ts'

const job = { job: JOBS.service }
const { requests, requestDuration, requestsInFlight, eventLoopLag } = catalogue

/** Quantile of a histogram of the service, over a window in seconds. */
export const quantile = (q: number, metric: string, window: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(${select(`${metric}_bucket`, job)}[${window}s])))`

/** What the charts show, but for what was offered. `window` is in seconds. */
const QUERIES = (window: number): Omit<Series, 'points'>[] => [
  {
    id: 'answered',
    title: 'answered',
    unit: 'requests/s',
    query: `sum(rate(${select(requests.name, { ...job, [requests.labels.status]: '200' })}[${window}s]))`,
  },
  {
    id: 'clientLatency',
    title: "the client's p95",
    unit: 'seconds',
    query: `histogram_quantile(0.95, sum(rate(${LOAD_METRICS.duration}[${window}s])))`,
  },
  {
    id: 'ownLatency',
    title: "the service's own p95",
    unit: 'seconds',
    query: quantile(0.95, requestDuration.name, window),
  },
  {
    id: 'inFlight',
    title: 'requests in flight',
    unit: 'requests',
    query: `sum(${select(requestsInFlight.name, job)})`,
  },
  {
    id: 'eventLoopLag',
    title: 'event loop lag p99',
    unit: 'seconds',
    query: quantile(0.99, eventLoopLag.name, window),
  },
  {
    id: 'replicas',
    title: 'answer scrapes',
    unit: 'replicas',
    query: `sum(${select(EXPORTERS.up, job)})`,
  },
  {
    id: 'failed',
    title: 'failed requests, of all that k6 sent',
    unit: 'ratio',
    query: `1 - sum(rate(${select(LOAD_METRICS.requests, { expected_response: 'true' })}[${window}s])) / sum(rate(${LOAD_METRICS.requests}[${window}s]))`,
  },
  {
    id: 'nodeCPU',
    title: 'CPU of the node in use',
    unit: 'ratio',
    query: `1 - avg(sum without (mode) (rate(${select(EXPORTERS.nodeCPU, { job: JOBS.node, mode: '=~idle|iowait' })}[${window}s])))`,
  },
  {
    id: 'nodePressure',
    title: 'waiting for a CPU',
    unit: 'ratio',
    query: `avg(rate(${select(EXPORTERS.nodePressureCPU, { job: JOBS.node })}[${window}s]))`,
  },
]

/** The series of a story, from its begin to its end. */
export async function readSeries(
  prometheus: PrometheusClient,
  profile: Profile,
  phases: readonly Phase[],
  begin: number,
  end: number,
  scrape: number,
): Promise<Series[]> {
  const offered: Series = {
    id: 'offered',
    title: 'offered',
    unit: 'requests/s',
    query: `the rate that k6 was given in each phase; profile of timing: ${profile.name}`,
    points: phases.flatMap(
      ({ begin, end, load }) =>
        [
          [begin, 0],
          [begin, load.rate],
          [end, load.rate],
          [end, 0],
        ] as const,
    ),
  }
  const measured = QUERIES(3 * scrape).map(async series => {
    const [answer] = await prometheus.range(series.query, begin, end, 1)
    return { ...series, points: (answer?.samples ?? []).filter(([, value]) => Number.isFinite(value)) }
  })
  return [offered, ...(await Promise.all(measured))]
}

/** Percentiles of the service's own histogram, of what it answered between two times. */
export async function ownPercentiles(prometheus: PrometheusClient, begin: number, end: number): Promise<Phase['own']> {
  const window = Math.max(1, Math.round(end - begin))
  const figure = async (q: number): Promise<Figure> => {
    const query = quantile(q, requestDuration.name, window)
    const [answer] = await prometheus.instant(query, end)
    const value = answer?.samples[0]?.[1]
    return value === undefined || Number.isNaN(value) ? { query } : { query, value }
  }
  const [p50, p95, p99] = await Promise.all([figure(0.5), figure(0.95), figure(0.99)])
  return { p50, p95, p99 }
}

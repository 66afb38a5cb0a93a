import type { PrometheusClient } from '../../lib/prometheus.ts'
import { type Profile, secondsOf } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import type { Phase, Series, SeriesId } from './overload-result.ts'

const job = { job: JOBS.service }
const { requests, requestDuration, requestsInFlight, eventLoopLag, cpu } = catalogue

/** Quantile of a histogram of the service, over a window in seconds. */
export const quantile = (q: number, metric: string, window: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(${select(`${metric}_bucket`, job)}[${window}s])))`

/** Title and query of each series of the charts that Prometheus has. Rates are over `window` seconds. */
function measuredSeries(window: number): Record<Exclude<SeriesId, 'offered'>, readonly [title: string, query: string]> {
  const rate = (selector: string) => `rate(${selector}[${window}s])`
  const answered = select(requests.name, { ...job, [requests.labels.status]: '200' })
  const succeeded = select(LOAD_METRICS.requests, { expected_response: 'true' })
  const idle = select(EXPORTERS.nodeCPU, { job: JOBS.node, mode: '=~idle|iowait' })
  const pressure = select(EXPORTERS.nodePressureCPU, { job: JOBS.node })
  const failedRatio = `1 - sum(${rate(succeeded)}) / sum(${rate(LOAD_METRICS.requests)})`
  return {
    answered: ['answered', `sum(${rate(answered)})`],
    clientLatency: ["the client's p95", `histogram_quantile(0.95, sum(${rate(LOAD_METRICS.duration)}))`],
    ownLatency: ["the service's own p95", quantile(0.95, requestDuration.name, window)],
    inFlight: ['requests in flight', `sum(${select(requestsInFlight.name, job)})`],
    eventLoopLag: ['event loop lag p99', quantile(0.99, eventLoopLag.name, window)],
    replicaCPU: ['CPU of the replicas', `sum(${rate(select(cpu.name, job))})`],
    replicas: ['answer scrapes', `sum(${select(EXPORTERS.up, job)})`],
    failed: ['failed requests, of all that k6 sent', failedRatio],
    nodeCPU: ['CPU of the node in use', `1 - avg(sum without (mode) (${rate(idle)}))`],
    nodePressure: ['waiting for a CPU', `avg(${rate(pressure)})`],
  }
}

/** The rate that k6 was given, which is 0 between the phases. */
export const offeredSeries = (profile: Profile, phases: readonly Phase[]): Series => ({
  id: 'offered',
  title: 'offered',
  query: `rate given to k6 in each phase; timing profile: ${profile.name}`,
  points: phases.flatMap(({ begin, end, load: { rate } }): Series['points'] => [
    [begin, 0],
    [begin, rate],
    [end, rate],
    [end, 0],
  ]),
})

/** The series of the charts between two Unix times in seconds, one sample each second. */
export async function readSeries(
  prometheus: PrometheusClient,
  profile: Profile,
  phases: readonly Phase[],
  begin: number,
  end: number,
): Promise<Series[]> {
  const measured = Object.entries(measuredSeries(3 * secondsOf(profile.scrapeInterval)))
  const read = measured.map(async ([id, [title, query]]) => {
    const [answer] = await prometheus.range(query, begin, end, 1)
    const points = answer?.samples.filter(([, value]) => Number.isFinite(value)) ?? []
    return { id: id as SeriesId, title, query, points }
  })
  return [offeredSeries(profile, phases), ...(await Promise.all(read))]
}

/** Percentiles of the service's own histogram between two Unix times in seconds. */
export async function ownPercentiles(
  prometheus: PrometheusClient,
  begin: number,
  end: number,
): Promise<NonNullable<Phase['own']>> {
  const window = Math.max(1, Math.round(end - begin))
  const figure = async (q: number) => {
    const query = quantile(q, requestDuration.name, window)
    return { query, value: await prometheus.value(query, end) }
  }
  const [p50, p95, p99] = await Promise.all([figure(0.5), figure(0.95), figure(0.99)])
  return { p50, p95, p99 }
}

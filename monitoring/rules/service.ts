import { catalogue } from '../../src/telemetry/catalogue.ts'
import { BOUNDS } from '../objectives.ts'
import { type Profile, secondsOf } from '../profiles.ts'
import { type Alert, type RecordingRule, select } from '../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'

const job = JOBS.service
const { requests, requestDuration, exceptions, eventLoopLag } = catalogue

/** Names of the service's recording rules; those of a window carry it, so that a name never lies about what it holds. */
export const recorded = ({ window }: Profile) => ({
  requests: `job:http_requests:rate${window}`,
  failedRequests: `job:http_requests_failed:rate${window}`,
  failedRatio: `job:http_requests_failed:ratio_rate${window}`,
  exceptions: `job:http_exceptions:rate${window}`,
  latency: (percentile: 50 | 95 | 99) => `job:http_request_duration_seconds:p${percentile}_rate${window}`,
})

/** Request rate, failed requests, exceptions and latency of the service as a whole. */
export function serviceRecordingRules(profile: Profile): RecordingRule[] {
  const { window } = profile
  const names = recorded(profile)
  const sum = (metric: string, labels = {}) => `sum by (job) (rate(${select(metric, { job, ...labels })}[${window}]))`
  const buckets = select(`${requestDuration.name}_bucket`, { job })

  return [
    { record: names.requests, expr: sum(requests.name) },
    { record: names.failedRequests, expr: sum(requests.name, { [requests.labels.status]: '=~5..' }) },
    { record: names.failedRatio, expr: `${names.failedRequests} / ${names.requests}` },
    { record: names.exceptions, expr: sum(exceptions.name) },
    ...([50, 95, 99] as const).map(percentile => ({
      record: names.latency(percentile),
      expr: `histogram_quantile(${percentile / 100}, sum by (job, le) (rate(${buckets}[${window}])))`,
    })),
  ]
}

/** What makes the service page somebody. */
export function serviceAlerts(profile: Profile): Alert[] {
  const { window, for: duration } = profile
  const names = recorded(profile)
  const probe = { job: JOBS.probe }
  const { route, type } = exceptions.labels
  const perScrape = (requests: number) => Number((requests / secondsOf(profile.scrapeInterval)).toPrecision(2))
  const deleted = select(CLUSTER_METRICS.podDeletion, { job: CLUSTER_JOBS.kubeState })

  return [
    {
      name: 'ServiceUnresponsive',
      severity: 'critical',
      area: 'service',
      // Each cause keeps the labels of its target, so a probe that goes from late to failed stays one alert.
      expr: [
        `${select(EXPORTERS.probeSuccess, probe)} == 0`,
        `${select(EXPORTERS.probeDuration, probe)} > ${BOUNDS.probeDuration}`,
        // a pod that was told to go is still asked for a while after it has gone
        `(${select(EXPORTERS.up, { job })} == 0 unless on (namespace, pod) max_over_time(${deleted}[1m]))`,
      ].join(' or '),
      for: duration.outage,
      summary: 'The service does not answer.',
      description: `{{ $labels.instance }} ({{ $labels.job }}): the outside probe fails or takes more than ${BOUNDS.probeDuration} s for a trivial answer, or the replica cannot be scraped. Users wait or get nothing.`,
    },
    {
      name: 'ServiceAbsent',
      severity: 'critical',
      area: 'service',
      expr: `sum by (job) (${select(EXPORTERS.up, { job })}) == 0 or absent(${select(EXPORTERS.up, { job })})`,
      for: duration.outage,
      summary: 'No replica of the service is there.',
      description: `Prometheus has no target with job="${job}" that answers. Either nothing runs, or it hangs, or it is not discovered. Users get nothing.`,
      inhibits: {
        alerts: ['ServiceUnresponsive', 'HighLatency', 'HighErrorRatio', 'EventLoopSaturated', 'NoTraffic'],
        equal: [],
      },
    },
    {
      name: 'HighLatency',
      severity: 'warning',
      area: 'service',
      expr: `${names.latency(95)} > ${BOUNDS.latency}`,
      for: duration.degradation,
      summary: 'The service answers late.',
      description: `One request in twenty takes {{ $value | humanizeDuration }} or more, over the last ${window}; the objective is ${BOUNDS.latency} s.`,
    },
    {
      name: 'HighErrorRatio',
      severity: 'critical',
      area: 'service',
      expr: `${names.failedRatio} > ${BOUNDS.errorRatio}`,
      for: duration.degradation,
      summary: 'The service fails requests.',
      description: `{{ $value | humanizePercentage }} of the requests of the last ${window} were answered with a 5xx; the bound is ${BOUNDS.errorRatio * 100}%.`,
    },
    {
      name: 'Exceptions',
      severity: 'warning',
      area: 'service',
      expr: `sum by (job, ${route}, ${type}) (increase(${select(exceptions.name, { job })}[${window}])) > 0`,
      summary: 'The service throws exceptions that nobody expected.',
      description: `About {{ $value | humanize }} exceptions of type {{ $labels.${type} }} on {{ $labels.${route} }} in the last ${window}; there should be none.`,
    },
    {
      name: 'EventLoopSaturated',
      severity: 'warning',
      area: 'service',
      expr: `histogram_quantile(0.99, sum by (job, instance, le) (rate(${select(`${eventLoopLag.name}_bucket`, { job })}[${window}]))) > ${BOUNDS.eventLoopLag}`,
      for: duration.degradation,
      summary: 'A replica blocks its event loop.',
      description: `{{ $labels.instance }}: one moment in a hundred, work waits {{ $value | humanizeDuration }} or more for the event loop; the bound is ${BOUNDS.eventLoopLag} s. Every request of this replica waits with it.`,
    },
    {
      name: 'NoTraffic',
      severity: 'warning',
      area: 'service',
      expr: `${names.requests} < ${perScrape(BOUNDS.traffic.none)} and max_over_time(${names.requests}[${profile.traffic}]) > ${perScrape(BOUNDS.traffic.some)}`,
      for: duration.degradation,
      summary: 'Nobody asks the service any more.',
      description: `{{ $value | printf "%.2f" }} requests/s over the last ${window}: no more than the outside probe sends (the bound is ${perScrape(BOUNDS.traffic.none)}), and there were others in the last ${profile.traffic}. The service is fine: users do not reach it, or have gone.`,
    },
  ]
}

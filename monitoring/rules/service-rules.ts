import { catalogue } from '../../src/telemetry/catalogue.ts'
import { BOUNDS, MIN_BAD_REQUESTS } from '../objectives.ts'
import { type Duration, type Profile, secondsOf } from '../profiles.ts'
import { type GroupAlert, type RecordingRule, select } from '../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'

const job = JOBS.service
const { requests, requestDuration, exceptions, eventLoopLag } = catalogue

/** Per-second rate of a counter, summed over all replicas. */
export const serviceRate = (metric: string, window: Duration, labels = {}) =>
  `sum by (job) (rate(${select(metric, { job, ...labels })}[${window}]))`

/** PromQL of the increase of a counter of the service over a window, summed over its replicas and labels. */
export const serviceIncrease = (metric: string, window: Duration, labels = {}) =>
  `sum by (job) (increase(${select(metric, { job, ...labels })}[${window}]))`

/** Names of the service's recording rules. A name contains the window of its rate. */
export const recorded = ({ window }: Profile) => ({
  requests: `job:http_requests:rate${window}`,
  failedRequests: `job:http_requests_failed:rate${window}`,
  failedRatio: `job:http_requests_failed:ratio_rate${window}`,
  exceptions: `job:http_exceptions:rate${window}`,
  latency: (percentile: 50 | 95 | 99) => `job:http_request_duration_seconds:p${percentile}_rate${window}`,
})

/** Per-second rates of requests, failed requests and exceptions, and percentiles of latency, over all replicas. */
export function serviceRecordingRules(profile: Profile): RecordingRule[] {
  const { window } = profile
  const names = recorded(profile)
  const buckets = select(`${requestDuration.name}_bucket`, { job })

  return [
    { record: names.requests, expr: serviceRate(requests.name, window) },
    { record: names.failedRequests, expr: serviceRate(requests.name, window, { [requests.labels.status]: '=~5..' }) },
    { record: names.failedRatio, expr: `${names.failedRequests} / ${names.requests}` },
    { record: names.exceptions, expr: serviceRate(exceptions.name, window) },
    ...([50, 95, 99] as const).map(percentile => ({
      record: names.latency(percentile),
      expr: `histogram_quantile(${percentile / 100}, sum by (job, le) (rate(${buckets}[${window}])))`,
    })),
  ]
}

/** Alerts on replicas that do not respond. */
function outageAlerts({ for: { outage } }: Profile): GroupAlert[] {
  const probe = { job: JOBS.probe }
  const up = select(EXPORTERS.up, { job })
  const deleted = select(CLUSTER_METRICS.podDeletion, { job: CLUSTER_JOBS.kubeState })
  return [
    {
      name: 'ServiceUnresponsive',
      severity: 'critical',
      // Each operand keeps the labels of its target, so that a probe that is first slow and then fails stays one alert.
      expr: [
        `${select(EXPORTERS.probeSuccess, probe)} == 0`,
        `${select(EXPORTERS.probeDuration, probe)} > ${BOUNDS.probeDuration}`,
        // Prometheus scrapes a deleted pod for some seconds after the pod has ended.
        `(${up} == 0 unless on (namespace, pod) max_over_time(${deleted}[1m]))`,
      ].join(' or '),
      for: outage,
      summary: 'The service, or one of its replicas, does not respond.',
      description: `{{ $labels.instance }} ({{ $labels.job }}): for at least ${outage}, the outside probe has failed or has taken more than ${BOUNDS.probeDuration} s, or Prometheus could not scrape this replica. Users wait for answers or get none. First step: check whether one replica or all replicas are affected.`,
    },
    {
      name: 'ServiceAbsent',
      severity: 'critical',
      expr: `sum by (job) (${up}) == 0 or absent(${up})`,
      for: outage,
      summary: 'No replica of the service responds.',
      description: `For at least ${outage}, Prometheus could not scrape any target with job="${job}"; at least one must respond. The replicas have stopped, do not respond, or are not discovered. Users probably get no answers. First step: check whether the replicas run.`,
      // ServiceUnresponsive is also about the probe, whose job is another.
      inhibits: [
        { alerts: ['ServiceUnresponsive'], equal: [] },
        { alerts: ['HighLatency', 'HighErrorRatio', 'EventLoopSaturated', 'NoTraffic'], equal: ['job'] },
      ],
    },
  ]
}

/** Alerts on slow and failed requests and their causes. */
function requestAlerts(profile: Profile): GroupAlert[] {
  const { window, for: duration } = profile
  const names = recorded(profile)
  const { route, type } = exceptions.labels
  const bucket = (le: string) => serviceIncrease(`${requestDuration.name}_bucket`, window, { le })
  const failed = serviceIncrease(requests.name, window, { [requests.labels.status]: '=~5..' })
  return [
    {
      name: 'HighLatency',
      severity: 'warning',
      expr: `${names.latency(95)} > ${BOUNDS.latency} and ${bucket('+Inf')} - ${bucket(`${BOUNDS.latency}`)} >= ${MIN_BAD_REQUESTS}`,
      for: duration.degradation,
      summary: 'The service responds slowly.',
      description: `The 95th percentile of the request duration over the last ${window} is {{ $value | humanizeDuration }}; it has been above the bound of ${BOUNDS.latency} s for at least ${duration.degradation}. One user request in twenty takes at least that long. First step: check whether requests queue on the replicas.`,
    },
    {
      name: 'HighErrorRatio',
      severity: 'critical',
      expr: `${names.failedRatio} > ${BOUNDS.errorRatio} and ${failed} >= ${MIN_BAD_REQUESTS}`,
      for: duration.degradation,
      summary: 'The service fails too many requests.',
      description: `{{ $value | humanizePercentage }} of the requests over the last ${window} were answered with a 5xx status; the ratio has been above the bound of ${BOUNDS.errorRatio * 100}% for at least ${duration.degradation}. These users get errors. First step: find the route and the status of the failed requests.`,
    },
    {
      name: 'Exceptions',
      severity: 'warning',
      expr: `sum by (job, ${route}, ${type}) (increase(${select(exceptions.name, { job })}[${window}])) > 0`,
      summary: 'The service throws unexpected exceptions.',
      description: `About {{ $value | humanize }} exceptions of type {{ $labels.${type} }} were thrown on route {{ $labels.${route} }} in the last ${window}; the bound is 0. Each of these requests was answered with status 500. First step: find the exception and its stack in the log.`,
    },
    {
      name: 'EventLoopSaturated',
      severity: 'warning',
      expr: `histogram_quantile(0.99, sum by (job, instance, le) (rate(${select(`${eventLoopLag.name}_bucket`, { job })}[${window}]))) > ${BOUNDS.eventLoopLag}`,
      for: duration.degradation,
      summary: "A replica's event loop is blocked.",
      description: `{{ $labels.instance }}: the 99th percentile of the event loop lag over the last ${window} is {{ $value | humanizeDuration }}; it has been above the bound of ${BOUNDS.eventLoopLag} s for at least ${duration.degradation}. All requests to this replica wait while its event loop is blocked. First step: check whether one replica or all replicas are affected.`,
    },
  ]
}

function noTraffic(profile: Profile): GroupAlert {
  const { window, traffic, for: duration } = profile
  const { requests } = recorded(profile)
  const perSecond = (perScrape: number) => Number((perScrape / secondsOf(profile.scrapeInterval)).toPrecision(2))
  const { none, some } = BOUNDS.traffic
  return {
    name: 'NoTraffic',
    severity: 'warning',
    expr: `${requests} < ${perSecond(none)} and max_over_time(${requests}[${traffic}]) > ${perSecond(some)}`,
    for: duration.degradation,
    summary: 'The service gets no requests from users.',
    description: `The service got {{ $value | printf "%.2f" }} requests/s over the last ${window}; the rate has been below the bound of ${perSecond(none)} requests/s, twice the rate of the outside probe, for at least ${duration.degradation}. It was above ${perSecond(some)} requests/s within the last ${traffic}. Users may not reach the service. First step: send a request the way users do.`,
  }
}

/** Alerts on what users get from the service. */
export const serviceAlerts = (profile: Profile): GroupAlert[] => [
  ...outageAlerts(profile),
  ...requestAlerts(profile),
  noTraffic(profile),
]

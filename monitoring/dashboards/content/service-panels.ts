import { PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BOUNDS } from '../../objectives.ts'
import { select } from '../../rule.ts'
import { REPLICAS } from '../dashboard-variables.ts'
import { COUNT, figure, graph, heatmap, increase, quantile, rate, unitOf } from '../panels.ts'

const { route, status } = catalogue.requests.labels
const { type } = catalogue.exceptions.labels

const all = select(catalogue.requests.name, REPLICAS)
const failed = select(catalogue.requests.name, { ...REPLICAS, [status]: '=~5..' })
const thrown = select(catalogue.exceptions.name, REPLICAS)
const buckets = select(`${catalogue.requestDuration.name}_bucket`, REPLICAS)
/** Few enough for the labels of an axis, and all in whole units. */
const coarseBuckets = select(`${catalogue.requestDuration.name}_bucket`, {
  ...REPLICAS,
  le: '=~0.005|0.01|0.025|0.05|0.1|0.25|0.5|1.0|1|5.0|5|10.0|10|[+]Inf',
})
const latencyPercentile = (q: number) => quantile(q, `sum by (le) (${rate(buckets)})`)

export const requestCount = figure({
  title: 'Requests',
  shows: 'Number of requests that the service answered within the time range, those of the outside probe included.',
  worry: 'The probe asks once per scrape interval; with fewer requests, not even the probe gets an answer.',
  unit: COUNT,
  queries: { requests: `sum(${increase(all)})` },
})

export const failedCount = figure({
  title: 'Failed',
  shows: 'Number of requests that the service answered with a 5xx within the time range.',
  worry: 'Normal is 0; for each failure the access log has the request id.',
  unit: COUNT,
  queries: { failed: `sum(${increase(failed)})` },
  bound: { above: 1 },
})

export const exceptionCount = figure({
  title: 'Exceptions',
  shows: 'Number of unexpected exceptions within the time range.',
  worry: 'Normal is 0: each exception is a bug, and the log has its stack.',
  unit: COUNT,
  queries: { exceptions: `sum(${increase(thrown)})` },
  bound: { above: 1 },
})

export const latencyFigure = figure({
  title: 'Latency, p95',
  shows: 'Time within which 95% of the requests are answered (95th percentile), at the end of the time range.',
  worry: `Worry above the objective of ${BOUNDS.latency} s.`,
  unit: Seconds,
  queries: { p95: latencyPercentile(0.95) },
  bound: { above: BOUNDS.latency },
})

export const requestsByStatus = graph({
  title: 'Requests by status',
  shows: 'Answered requests per second, by status class; the outside probe is one client.',
  worry: 'Worry when the rate levels off while clients send more (overload), and when it drops to 0 (outage).',
  unit: RequestsPerSecond,
  // 500 → 5xx
  queries: {
    '{{class}}': `sum by (class) (label_replace(${rate(all)}, "class", "\${1}xx", "${status}", "(.).."))`,
  },
  colors: { '2xx': 'green', '3xx': 'blue', '4xx': 'orange', '5xx': 'red' },
})

export const requestsByRoute = graph({
  title: 'Requests by route',
  shows: 'Answered requests per second, by route.',
  worry:
    'Worry when a busy route loses its traffic, or when `unmatched` rises: clients ask for paths that do not exist.',
  unit: RequestsPerSecond,
  queries: { [`{{${route}}}`]: `sum by (${route}) (${rate(all)})` },
})

export const requestsByReplica = graph({
  title: 'Requests by replica',
  shows: 'Answered requests per second, by replica.',
  worry:
    'The lines should be close together; a replica far below the others is new, slow, or unknown to the load balancer.',
  unit: RequestsPerSecond,
  queries: { '{{instance}}': `sum by (instance) (${rate(all)})` },
})

export const failedRatio = graph({
  title: 'Failed requests, share',
  shows: 'Share of the requests that the service answered with a 5xx.',
  worry: 'Normal is 0%.',
  unit: PercentUnit,
  queries: { failed: `sum(${rate(failed)}) / sum(${rate(all)})` },
  colors: { failed: 'semi-dark-red' }, // the bound is red
  bound: { above: BOUNDS.errorRatio, alert: 'HighErrorRatio' },
})

export const failedByRoute = graph({
  title: 'Failed requests by route',
  shows: 'Requests per second that the service answered with a 5xx, by route and status.',
  worry: 'If one route fails, look at its code; if all fail, at what they share.',
  unit: RequestsPerSecond,
  queries: { [`{{${route}}} {{${status}}}`]: `sum by (${route}, ${status}) (${rate(failed)})` },
})

export const exceptionsByType = graph({
  title: 'Exceptions by type',
  shows: 'Unexpected exceptions per minute, by type.',
  worry: 'Normal is 0: each exception is a bug, and the log has its stack.',
  alerts: { Exceptions: 'at the first exception' },
  unit: unitOf('/min'),
  // per minute: one exception shows as about 1, not 0.017
  queries: { [`{{${type}}}`]: `60 * sum by (${type}) (${rate(thrown)})` },
})

export const latency = graph({
  title: 'Latency',
  shows: 'Time to answer, queueing included: 50%, 95% and 99% of the requests take at most p50, p95 and p99.',
  worry: 'Worry while p95 is above the dashed line, the objective.',
  alerts: { HighLatency: `when p95 is above ${BOUNDS.latency} s` },
  unit: Seconds,
  queries: { p50: latencyPercentile(0.5), p95: latencyPercentile(0.95), p99: latencyPercentile(0.99) },
  bound: { above: BOUNDS.latency },
})

export const latencyByReplica = graph({
  title: 'Latency by replica, p95',
  shows: 'Time within which each replica answers 95% of its requests (95th percentile).',
  worry: `A line above the others is a slow replica. All lines above ${BOUNDS.latency} s: too few replicas.`,
  unit: Seconds,
  queries: { '{{instance}}': quantile(0.95, `sum by (instance, le) (${rate(buckets)})`) },
  bound: { above: BOUNDS.latency },
})

export const durations = heatmap({
  title: 'Durations',
  shows: 'Requests per second by their duration: the brighter a cell, the more requests.',
  worry: 'Two bands are two kinds of requests; worry when a band climbs: requests queue.',
  unit: RequestsPerSecond,
  axis: Seconds,
  queries: { '{{le}}': `sum by (le) (${rate(coarseBuckets)})` },
})

export const inFlight = graph({
  title: 'Requests in flight',
  shows: 'Number of requests that have arrived and are not answered yet, by replica.',
  worry: 'Worry while the number keeps rising: more requests arrive than are answered.',
  unit: COUNT,
  queries: { '{{instance}}': `sum by (instance) (${select(catalogue.requestsInFlight.name, REPLICAS)})` },
})

import {
  CountsPerMinute,
  LocaleFormat,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BOUNDS } from '../../objectives.ts'
import { service } from '../expressions/service.ts'
import { bars, figure, graph, heatmap, percent } from '../panels.ts'

const { route, status } = catalogue.requests.labels
const CLASSES = { '2xx': 'green', '3xx': 'blue', '4xx': 'orange', '5xx': 'red' }

/** The figures of the range that is shown. */
export const glance = () => [
  figure({
    title: 'Requests',
    description: 'Requests that were answered in the range that is shown. 0: nobody asks, or nobody is answered.',
    unit: LocaleFormat,
    queries: { requests: service.inRange.requests },
    width: 6,
  }),
  figure({
    title: 'Failed requests',
    description:
      'Requests of the range that were answered with a 5xx. Any is worth a look at the logs; their share is below.',
    unit: LocaleFormat,
    queries: { failed: service.inRange.failed },
    width: 6,
    bound: { above: 1 },
  }),
  figure({
    title: 'Exceptions',
    description: 'Exceptions of the range that nobody expected. There should be none: each one is a bug.',
    unit: LocaleFormat,
    queries: { exceptions: service.inRange.exceptions },
    width: 6,
    bound: { above: 1 },
  }),
  figure({
    title: 'Latency, 95th percentile',
    description: `Of 20 requests of the range, 19 took at most this long. The objective is ${BOUNDS.latency} s.`,
    unit: Seconds,
    decimals: 3,
    queries: { p95: service.inRange.latency },
    width: 6,
    bound: { above: BOUNDS.latency },
  }),
]

export const requests = () =>
  graph({
    title: 'Requests by status',
    description:
      'Answered requests a second. Under overload they level off while clients send more; a drop to 0 with clients there is an outage.',
    unit: RequestsPerSecond,
    queries: { '{{class}}': service.requests },
    colors: CLASSES,
    width: 8,
  })

export const requestsByRoute = () =>
  graph({
    title: 'Requests by route',
    description:
      'Answered requests a second, by the route that they met. Worry when one that has traffic all day loses it, or `unmatched` rises: clients ask for what is not there.',
    unit: RequestsPerSecond,
    queries: { [`{{${route}}}`]: service.requestsByRoute },
    width: 8,
  })

export const requestsByReplica = () =>
  graph({
    title: 'Requests by replica',
    description:
      'Answered requests a second, by replica. They should be close together; one that gets much less is new, slow, or not found by the load balancer.',
    unit: RequestsPerSecond,
    queries: { '{{instance}}': service.requestsByReplica },
    width: 8,
  })

export const failed = () =>
  graph({
    title: 'Failed requests, share',
    description: `Share of the requests that were answered with a 5xx. HighErrorRatio fires above ${percent(BOUNDS.errorRatio)}.`,
    unit: PercentUnit,
    queries: { failed: service.failedRatio },
    colors: { failed: 'red' },
    bound: { above: BOUNDS.errorRatio },
    width: 8,
  })

export const failedByRoute = () =>
  graph({
    title: 'Failed requests by route',
    description:
      'Requests a second that were answered with a 5xx, by route and status. One route alone points to its code; all at once, to what they share.',
    unit: RequestsPerSecond,
    queries: { [`{{${route}}} {{${status}}}`]: service.failedByRoute },
    width: 8,
  })

export const exceptions = () =>
  graph({
    title: 'Exceptions by type',
    description:
      'Unexpected exceptions a minute. Exceptions fires at the first; it names the route, the logs have the stack.',
    unit: CountsPerMinute,
    queries: { [`{{${catalogue.exceptions.labels.type}}}`]: service.exceptions },
    width: 8,
  })

export const latency = () =>
  graph({
    title: 'Latency',
    description: `From a request's arrival to its answer, queueing included. HighLatency fires while p95 is above the objective of ${BOUNDS.latency} s, the dashed line.`,
    unit: Seconds,
    queries: { p50: service.latency(0.5), p95: service.latency(0.95), p99: service.latency(0.99) },
    bound: { above: BOUNDS.latency },
    width: 8,
  })

export const latencyByReplica = () =>
  graph({
    title: 'Latency by replica, 95th percentile',
    description: `Of 20 requests to a replica, 19 took at most this long. One above the others is slow by itself; all above ${BOUNDS.latency} s are too few.`,
    unit: Seconds,
    queries: { '{{instance}}': service.latencyByReplica },
    bound: { above: BOUNDS.latency },
    width: 8,
  })

export const durations = () =>
  heatmap({
    title: 'Durations',
    description:
      'Requests a second, by how long they took: the brighter, the more. Two bands are two kinds of requests; a band that climbs is a queue.',
    unit: RequestsPerSecond,
    axis: Seconds,
    queries: { '{{le}}': service.durations },
    width: 8,
  })

export const inFlight = () =>
  graph({
    title: 'Requests in flight',
    description:
      'Requests that have arrived and are not answered yet, by replica: the queue. Worry when it keeps rising; then more arrives than is answered.',
    unit: Short,
    queries: { '{{instance}}': service.inFlight },
    width: 8,
  })

export const replicas = () =>
  graph({
    title: 'Replicas',
    description:
      'Replicas that answer scrapes and, on a cluster, those that are ready and those that are wanted. Worry while fewer answer or are ready than wanted.',
    unit: Short,
    queries: {
      'answering scrapes': service.replicas.answering,
      ready: service.replicas.ready,
      wanted: service.replicas.wanted,
    },
    width: 8,
  })

export const restarts = () =>
  bars({
    title: 'Restarts',
    description:
      'Restarts of the containers in the range, by pod. Any is worth its reason: `kubectl describe pod` has it. PodCrashLooping and ContainerOOMKilled tell of the bad ones.',
    unit: Short,
    queries: { '{{pod}}': service.pods.restarts },
    bound: { above: 1 },
    width: 8,
  })

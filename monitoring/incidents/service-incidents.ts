import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { MIN_BAD_REQUESTS } from '../objectives.ts'
import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'
import type { AlertCases } from './incidents.ts'
import { counter, gauge, type InputSeries, type Labels } from './input-series.ts'
import { PROBE_LABELS, SERVICE_LABELS } from './labels.ts'
import { incident, lasting, mapStretches, STALE, type Stretches, sequence, steady } from './stretches.ts'

const { requests, requestDuration, exceptions, eventLoopLag } = catalogue

const { name, ports } = SERVICE_CONFIG
const POD = { namespace: name, pod: `${name}-1` }
const SECOND_REPLICA = { ...SERVICE_LABELS, instance: `replica-2:${ports.metrics}` }

/** Bound of the outside probe's duration in seconds. */
const PROBE_BOUND = 4 * OBJECTIVE_BOUND

const probeSuccess = (values: Stretches) => gauge(EXPORTERS.probeSuccess, PROBE_LABELS, values)
const probeDuration = (values: Stretches) => gauge(EXPORTERS.probeDuration, PROBE_LABELS, values)
const replica = (up: Stretches, labels: Labels = SERVICE_LABELS) => gauge(EXPORTERS.up, labels, up)
const up = replica(steady(1))
const deleted = (pod: typeof POD, job: string, values: Stretches) =>
  gauge(CLUSTER_METRICS.podDeletion, { job, ...pod }, values)

/**
 * A histogram of observations, of which those of `above` are above a bound. `below` has stretches of the same lengths;
 * default: 1000 observations at each scrape in all.
 */
const histogram = (
  metric: string,
  bounds: readonly number[],
  bound: number,
  above: Stretches,
  below = mapStretches(above, count => 1000 - count),
): InputSeries[] =>
  [...bounds, Number.POSITIVE_INFINITY].map(le => {
    const all = below.map(([count, scrapes], i) => [count + (above[i]?.[0] ?? 0), scrapes] as const)
    const increases = le <= bound ? below : all
    return counter(`${metric}_bucket`, { ...SERVICE_LABELS, le: Number.isFinite(le) ? `${le}` : '+Inf' }, increases)
  })

/**
 * Requests, of which `slow` take longer than the objective and at most 0.5 s. `fast` has stretches of the same lengths;
 * default: 1000 requests at each scrape in all.
 */
const slowRequests = (slow: Stretches, fast?: Stretches) =>
  histogram(requestDuration.name, [0.1, OBJECTIVE_BOUND, 0.5], OBJECTIVE_BOUND, slow, fast)

/** 1000 samples at each scrape, of which `long` have an event loop lag between 0.1 and 0.25 s. */
const longLags = (long: Stretches) => histogram(eventLoopLag.name, [0.05, 0.1, 0.25], 0.1, long)

/** Requests that end with a status. */
const answers = (status: string, each: Stretches, job: string = JOBS.service) =>
  counter(
    requests.name,
    { ...SERVICE_LABELS, job, [requests.labels.method]: 'GET', [requests.labels.status]: status },
    each,
  )

/** 1000 requests at each scrape, of which `failed` fail. */
const failedRequests = (failed: Stretches) => {
  const good = mapStretches(failed, count => 1000 - count)
  return [answers('200', good), answers('503', failed)]
}

/**
 * A burst of so many failed requests in one scrape interval; besides, only the probe sends requests, and they succeed.
 */
const burstOfFailures = (failed: number) => [answers('200', steady(1)), answers('503', incident(0, failed, 1))]

/** A burst of so many slow requests in one scrape interval, and no other requests. */
const burstOfSlow = (slow: number) => slowRequests(incident(0, slow, 1), incident(0, 0, 1))

/** Only the probe sends requests; for a while they fail. */
const failingProbe = [answers('200', incident(1, 0)), answers('500', incident(0, 1)), probeSuccess(incident(1, 0)), up]

const thrown = (each: Stretches) =>
  counter(
    exceptions.name,
    { ...SERVICE_LABELS, [exceptions.labels.route]: '/', [exceptions.labels.type]: 'TypeError' },
    each,
  )

const outage = { production: [34, 70], drill: [32, 70] } as const
const SERVICE = { job: JOBS.service }

const outageCases: readonly AlertCases[] = [
  {
    alert: 'ServiceUnresponsive',
    labels: PROBE_LABELS,
    incidents: {
      'the probe fails': { input: [probeSuccess(incident(1, 0)), up], firing: outage },
      // HighErrorRatio needs 10 failed requests: in production 10 scrapes, in a drill more than its window.
      'only the probe sends requests, and they fail': { input: failingProbe, firing: outage },
      'the probe is slow, then fails': {
        input: [
          probeDuration(
            sequence([0.9 * PROBE_BOUND, 30], [1.1 * PROBE_BOUND, 1], [5 * PROBE_BOUND, 39], [0.9 * PROBE_BOUND, 60]),
          ),
          probeSuccess(sequence([1, 31], [0, 39], [1, 60])),
          up,
        ],
        firing: outage,
      },
      'a replica cannot be scraped': { labels: SERVICE_LABELS, input: [replica(incident(1, 0))], firing: outage },
      // The last sample of the deletion is of scrape 29. It suppresses the alert for 1 min: 4 scrapes, in a drill 12.
      'a deleted pod is still a target; its own deletion alone suppresses the alert, for a minute': {
        labels: { ...SERVICE_LABELS, ...POD },
        input: [
          replica(incident(1, 0), { ...SERVICE_LABELS, ...POD }),
          deleted(POD, CLUSTER_JOBS.kubeState, lasting(1, STALE)),
          deleted({ ...POD, pod: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
          deleted({ ...POD, namespace: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
          deleted(POD, 'other', steady(1)),
        ],
        firing: { production: [37, 70], drill: [43, 70] },
      },
    },
    bounds: [
      [
        [probeDuration(steady(PROBE_BOUND)), up],
        [probeDuration(steady(1.01 * PROBE_BOUND)), up],
      ],
    ],
  },
  {
    alert: 'ServiceAbsent',
    labels: SERVICE,
    incidents: {
      'the last target goes away': { input: [replica(incident(1, STALE))], firing: outage },
      'no replica responds': {
        input: [replica(incident(1, 0)), replica(incident(1, 0), SECOND_REPLICA)],
        firing: outage,
      },
    },
    silences: { 'one of two replicas responds': [replica(steady(0)), replica(steady(1), SECOND_REPLICA)] },
  },
]

const noTraffic = ({ name }: Profile): AlertCases => ({
  alert: 'NoTraffic',
  labels: SERVICE,
  value: name === 'production' ? '0.07' : '0.20',
  incidents: {
    // The last increase by users has left the window.
    'only the probe still sends requests': {
      input: [answers('200', incident(1000, 1)), up, answers('200', incident(1000, 1), 'elsewhere')],
      firing: { production: [56, 70], drill: [36, 70] },
    },
    // Fires with one increase by users left in the window, in a drill with none. The rate was last above the upper
    // bound at scrape 30, in a drill 29; the look-back time is 240 and 60 scrapes.
    'users sent few requests; after the look-back time the alert clears': {
      input: [answers('200', sequence([11, 30], [1, 300])), up],
      firing: { production: [55, 270], drill: [36, 89] },
    },
  },
  silences: {
    'no users yet': [answers('200', steady(1))],
    'there never were many requests': [answers('200', lasting(9, 1))],
    'there are still some requests': [answers('200', lasting(1000, 4))],
  },
})

/** A burst of one scrape interval is in the window for 19 evaluations, in a drill for 5. */
const burst = { production: [38, 49], drill: [32, 35] } as const

function latencyCases(isProduction: boolean): AlertCases {
  // Quantiles are interpolated within their bucket.
  const milliseconds = (ratio: number) =>
    `${Number((1000 * (OBJECTIVE_BOUND + ratio * (0.5 - OBJECTIVE_BOUND))).toPrecision(4))}ms`
  return {
    alert: 'HighLatency',
    labels: SERVICE,
    incidents: {
      // One request in twenty of the window is slow after 3 slow increases of 19, in a drill after 1 of 5.
      'four requests in ten are slow': {
        value: milliseconds(isProduction ? 0.784 : 0.7917),
        input: [...slowRequests(incident(0, 400)), up],
        firing: { production: [40, 86], drill: [32, 74] },
      },
      'ten slow requests and no others': {
        value: milliseconds(0.95),
        input: [...burstOfSlow(MIN_BAD_REQUESTS), up],
        firing: burst,
      },
    },
    bounds: [[slowRequests(steady(49)), slowRequests(steady(51))]],
    silences: {
      'no traffic': slowRequests(steady(0)).map(each => ({ ...each, values: '0x199' })),
      'nine slow requests and no others': burstOfSlow(MIN_BAD_REQUESTS - 1),
      // The fast requests leave the window in scrape 50. Eight, because Prometheus extrapolates: in a drill, where a
      // window has 5 increases, it would count nine as 10.8.
      'eight slow requests, soon after many fast ones': slowRequests(
        sequence([0, 30], [0, 22], [MIN_BAD_REQUESTS - 2, 1], [0, 147]),
        sequence([1000, 30], [0, 22], [0, 1], [0, 147]),
      ),
      'eight slow requests, a few minutes after 25 fast ones': slowRequests(
        sequence([0, 30], [0, 5], [0, 5], [MIN_BAD_REQUESTS - 2, 1], [0, 159]),
        sequence([0, 30], [5, 5], [0, 5], [0, 1], [0, 159]),
      ),
    },
  }
}

const errorCases = (isProduction: boolean): AlertCases => ({
  alert: 'HighErrorRatio',
  labels: SERVICE,
  incidents: {
    // One request in twenty of the window has failed after 2 bad increases, in a drill after 1. Prometheus
    // extrapolates rates to the whole window, but not below the 0 at which the counter of failed requests began.
    'six requests in ten fail': {
      value: isProduction ? '30.48%' : '31.91%',
      input: [...failedRequests(incident(0, 600)), up],
      firing: { production: [39, 87], drill: [32, 74] },
    },
    'ten failed requests, besides those of the probe': {
      value: isProduction ? '33.33%' : '62.5%',
      input: [...burstOfFailures(MIN_BAD_REQUESTS), up],
      firing: burst,
    },
    // The first failures are in scrape 4. For the end, see above.
    'an outage that begins in the first minutes of the history of Prometheus': {
      value: isProduction ? '43.99%' : '31.91%',
      input: [...failedRequests(sequence([0, 4], [600, 40], [0, 156])), up],
      firing: { production: [12, 61], drill: [6, 48] },
    },
  },
  bounds: [[failedRequests(steady(49)), failedRequests(steady(51))]],
  silences: {
    'ten failed requests, of which a window has five': [
      answers('200', steady(1)),
      answers('503', sequence([0, 30], [5, 1], [0, 21], [5, 1], [0, 147])),
    ],
    'nine failed requests, besides those of the probe': burstOfFailures(MIN_BAD_REQUESTS - 1),
    'only the probe sends requests, and one fails': [
      answers('200', incident(1, 0, 1)),
      answers('500', incident(0, 1, 1)),
    ],
    'no traffic': [answers('200', steady(0)), answers('503', steady(0))],
    'clients close their connections': [answers('499', steady(100)), answers('503', steady(0))],
  },
})

export function serviceCases(profile: Profile): AlertCases[] {
  const isProduction = profile.name === 'production'
  return [
    ...outageCases,
    noTraffic(profile),
    latencyCases(isProduction),
    errorCases(isProduction),
    {
      alert: 'Exceptions',
      labels: { ...SERVICE, [exceptions.labels.route]: '/', [exceptions.labels.type]: 'TypeError' },
      value: '1',
      incidents: {
        'a single exception': {
          input: [thrown(incident(0, 1, 1)), up],
          firing: { production: [30, 49], drill: [30, 35] },
        },
      },
      silences: { 'old exceptions': [thrown(sequence([7, 1], [0, 199]))] },
    },
    {
      alert: 'EventLoopSaturated',
      labels: SERVICE_LABELS,
      value: isProduction ? '195.2ms' : '203.1ms',
      incidents: {
        // One sample in a hundred of the window is long after 5 bad increases, in a drill after 2.
        'four samples in a hundred have a long lag': {
          input: [...longLags(incident(0, 40)), up],
          firing: { production: [42, 84], drill: [33, 73] },
        },
      },
      bounds: [[longLags(steady(9)), longLags(steady(11))]],
    },
  ]
}

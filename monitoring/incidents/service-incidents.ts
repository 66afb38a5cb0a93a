import { SERVICE_CONFIG } from '../../service.config.ts'
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { MIN_BAD_REQUESTS } from '../objectives.ts'
import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'
import type { BoundCase, Incident, Silence } from './incidents.ts'
import {
  counter,
  gauge,
  type InputSeries,
  incident,
  type Labels,
  lasting,
  mapStretches,
  PROBE_LABELS,
  SERVICE_LABELS,
  STALE,
  type Stretches,
  sequence,
  steady,
} from './input-series.ts'

const { requests, requestDuration, exceptions, eventLoopLag } = catalogue

const WARNING = { severity: 'warning', area: 'service' }
const CRITICAL = { severity: 'critical', area: 'service' }
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

function unresponsive(profile: Profile): Incident[] {
  const incidents = [
    {
      name: 'the probe fails',
      input: [probeSuccess(incident(1, 0)), up],
      target: PROBE_LABELS,
      firing: { production: [34, 70], drill: [32, 70] },
    },
    {
      // HighErrorRatio needs 10 failed requests: in production 10 scrapes, in a drill more than its window.
      name: 'only the probe sends requests, and they fail',
      input: failingProbe,
      target: PROBE_LABELS,
      firing: { production: [34, 70], drill: [32, 70] },
    },
    {
      name: 'the probe is slow, then fails',
      input: [
        probeDuration(
          sequence([0.9 * PROBE_BOUND, 30], [1.1 * PROBE_BOUND, 1], [5 * PROBE_BOUND, 39], [0.9 * PROBE_BOUND, 60]),
        ),
        probeSuccess(sequence([1, 31], [0, 39], [1, 60])),
        up,
      ],
      target: PROBE_LABELS,
      firing: { production: [34, 70], drill: [32, 70] },
    },
    {
      name: 'a replica cannot be scraped',
      input: [replica(incident(1, 0))],
      target: SERVICE_LABELS,
      firing: { production: [34, 70], drill: [32, 70] },
    },
    {
      // The last sample of the deletion is of scrape 29. It suppresses the alert for 1 min: 4 scrapes, in a drill 12.
      name: 'a deleted pod is still a target: its deletion suppresses the alert for a minute, deletions of other pods do not',
      input: [
        replica(incident(1, 0), { ...SERVICE_LABELS, ...POD }),
        deleted(POD, CLUSTER_JOBS.kubeState, lasting(1, STALE)),
        deleted({ ...POD, pod: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
        deleted({ ...POD, namespace: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
        deleted(POD, 'other', steady(1)),
      ],
      target: { ...SERVICE_LABELS, ...POD },
      firing: { production: [37, 70], drill: [43, 70] },
    },
  ] as const
  return incidents.map(({ target, ...each }) => ({
    ...each,
    alert: 'ServiceUnresponsive',
    labels: { ...target, ...CRITICAL },
    description: `${target.instance} (${target.job}): for at least ${profile.for.outage}, the outside probe has failed or has taken more than ${PROBE_BOUND} s, or Prometheus could not scrape this replica. Users wait for answers or get none. First step: check whether one replica or all replicas are affected.`,
  }))
}

function absent(profile: Profile): Incident[] {
  const common = {
    alert: 'ServiceAbsent',
    labels: { job: JOBS.service, ...CRITICAL },
    firing: { production: [34, 70], drill: [32, 70] },
    description: `For at least ${profile.for.outage}, Prometheus could not scrape any target with job="${name}"; at least one must respond. The replicas have stopped, do not respond, or are not discovered. Users probably get no answers. First step: check whether the replicas run.`,
  } as const
  return [
    { ...common, name: 'the last target goes away', input: [replica(incident(1, STALE))] },
    {
      ...common,
      name: 'no replica responds',
      input: [replica(incident(1, 0)), replica(incident(1, 0), SECOND_REPLICA)],
    },
  ]
}

function noTraffic({ name, window, traffic, for: duration }: Profile): Incident[] {
  const rates = {
    production: { seen: '0.07', bound: '0.13', before: '0.67' },
    drill: { seen: '0.20', bound: '0.4', before: '2' },
  }
  const common = {
    alert: 'NoTraffic',
    labels: { job: JOBS.service, ...WARNING },
    description: `The service got ${rates[name].seen} requests/s over the last ${window}; the rate has been below the bound of ${rates[name].bound} requests/s, twice the rate of the outside probe, for at least ${duration.degradation}. It was above ${rates[name].before} requests/s within the last ${traffic}. Users may not reach the service. First step: send a request the way users do.`,
  }
  return [
    {
      ...common,
      name: 'only the probe still sends requests',
      input: [answers('200', incident(1000, 1)), up, answers('200', incident(1000, 1), 'elsewhere')],
      // The last increase by users has left the window.
      firing: { production: [56, 70], drill: [36, 70] },
    },
    {
      ...common,
      name: 'users sent few requests; after the look-back time the alert clears',
      input: [answers('200', sequence([11, 30], [1, 300])), up],
      // Fires with one increase by users left in the window, in a drill with none. The rate was last above the upper
      // bound at scrape 30, in a drill 29; the look-back time is 240 and 60 scrapes.
      firing: { production: [55, 270], drill: [36, 89] },
    },
  ]
}

function requestIncidents({ name, window, for: { degradation } }: Profile): Incident[] {
  const inProduction = name === 'production'
  // Quantiles are interpolated within their bucket.
  const p95 = OBJECTIVE_BOUND + (inProduction ? 0.784 : 0.7917) * (0.5 - OBJECTIVE_BOUND)
  const latency = (seconds: number) => ({
    alert: 'HighLatency',
    labels: { job: JOBS.service, ...WARNING },
    description: `The 95th percentile of the request duration over the last ${window} is ${Number((seconds * 1000).toPrecision(4))}ms; it has been above the bound of ${OBJECTIVE_BOUND} s for at least ${degradation}. One user request in twenty takes at least that long. First step: check whether requests queue on the replicas.`,
  })
  const errors = (percentage: string) => ({
    alert: 'HighErrorRatio',
    labels: { job: JOBS.service, ...CRITICAL },
    description: `${percentage}% of the requests over the last ${window} were answered with a 5xx status; the ratio has been above the bound of 5% for at least ${degradation}. These users get errors. First step: find the route and the status of the failed requests.`,
  })
  // A burst of one scrape interval is in the window for 19 evaluations, in a drill for 5.
  const burst = { production: [38, 49], drill: [32, 35] } as const
  return [
    {
      ...latency(p95),
      name: 'four requests in ten are slow',
      input: [...slowRequests(incident(0, 400)), up],
      // One request in twenty of the window is slow after 3 slow increases of 19, in a drill after 1 of 5.
      firing: { production: [40, 86], drill: [32, 74] },
    },
    {
      ...latency(OBJECTIVE_BOUND + 0.95 * (0.5 - OBJECTIVE_BOUND)),
      name: 'ten slow requests and no others',
      input: [...burstOfSlow(MIN_BAD_REQUESTS), up],
      firing: burst,
    },
    {
      ...errors(inProduction ? '30.48' : '31.91'),
      name: 'six requests in ten fail',
      input: [...failedRequests(incident(0, 600)), up],
      // One request in twenty of the window has failed after 2 bad increases, in a drill after 1. Prometheus
      // extrapolates rates to the whole window, but not below the 0 at which the counter of failed requests began.
      firing: { production: [39, 87], drill: [32, 74] },
    },
    {
      ...errors(inProduction ? '33.33' : '62.5'),
      name: 'ten failed requests, besides those of the probe',
      input: [...burstOfFailures(MIN_BAD_REQUESTS), up],
      firing: burst,
    },
    {
      ...errors(inProduction ? '43.99' : '31.91'),
      name: 'an outage that begins in the first minutes of the history of Prometheus',
      // The first failures are in scrape 4. For the end, see above.
      input: [...failedRequests(sequence([0, 4], [600, 40], [0, 156])), up],
      firing: { production: [12, 61], drill: [6, 48] },
    },
    {
      alert: 'Exceptions',
      name: 'a single exception',
      input: [thrown(incident(0, 1, 1)), up],
      labels: {
        job: JOBS.service,
        [exceptions.labels.route]: '/',
        [exceptions.labels.type]: 'TypeError',
        ...WARNING,
      },
      firing: { production: [30, 49], drill: [30, 35] },
      description: `About 1 exceptions of type TypeError were thrown on route / in the last ${window}; the bound is 0. Each of these requests was answered with status 500. First step: find the exception and its stack in the log.`,
    },
    {
      alert: 'EventLoopSaturated',
      name: 'four samples in a hundred have a long lag',
      input: [...longLags(incident(0, 40)), up],
      labels: { ...SERVICE_LABELS, ...WARNING },
      // One sample in a hundred of the window is long after 5 bad increases, in a drill after 2.
      firing: { production: [42, 84], drill: [33, 73] },
      description: `${SERVICE_LABELS.instance}: the 99th percentile of the event loop lag over the last ${window} is ${inProduction ? '195.2ms' : '203.1ms'}; it has been above the bound of 0.1 s for at least ${degradation}. All requests to this replica wait while its event loop is blocked. First step: check whether one replica or all replicas are affected.`,
    },
  ]
}

export const serviceIncidents = (profile: Profile): Incident[] => [
  ...unresponsive(profile),
  ...absent(profile),
  ...noTraffic(profile),
  ...requestIncidents(profile),
]

export const serviceBounds: readonly BoundCase[] = [
  {
    alert: 'ServiceUnresponsive',
    inside: [probeDuration(steady(PROBE_BOUND)), up],
    outside: [probeDuration(steady(1.01 * PROBE_BOUND)), up],
  },
  { alert: 'HighLatency', inside: slowRequests(steady(49)), outside: slowRequests(steady(51)) },
  { alert: 'HighErrorRatio', inside: failedRequests(steady(49)), outside: failedRequests(steady(51)) },
  { alert: 'EventLoopSaturated', inside: longLags(steady(9)), outside: longLags(steady(11)) },
]

export const serviceSilences: readonly Silence[] = [
  {
    alert: 'HighLatency',
    name: 'no traffic',
    input: slowRequests(steady(0)).map(each => ({ ...each, values: '0x199' })),
  },
  { alert: 'HighLatency', name: 'nine slow requests and no others', input: burstOfSlow(MIN_BAD_REQUESTS - 1) },
  {
    // The fast requests leave the window in scrape 50. Eight, because Prometheus extrapolates: in a drill, where a
    // window has 5 increases, it would count nine as 10.8.
    alert: 'HighLatency',
    name: 'eight slow requests, soon after many fast ones',
    input: slowRequests(
      sequence([0, 30], [0, 22], [MIN_BAD_REQUESTS - 2, 1], [0, 147]),
      sequence([1000, 30], [0, 22], [0, 1], [0, 147]),
    ),
  },
  {
    alert: 'HighLatency',
    name: 'eight slow requests, a few minutes after 25 fast ones',
    input: slowRequests(
      sequence([0, 30], [0, 5], [0, 5], [MIN_BAD_REQUESTS - 2, 1], [0, 159]),
      sequence([0, 30], [5, 5], [0, 5], [0, 1], [0, 159]),
    ),
  },
  {
    alert: 'HighErrorRatio',
    name: 'ten failed requests, of which a window has five',
    input: [answers('200', steady(1)), answers('503', sequence([0, 30], [5, 1], [0, 21], [5, 1], [0, 147]))],
  },
  {
    alert: 'HighErrorRatio',
    name: 'nine failed requests, besides those of the probe',
    input: burstOfFailures(MIN_BAD_REQUESTS - 1),
  },
  {
    alert: 'HighErrorRatio',
    name: 'only the probe sends requests, and one fails',
    input: [answers('200', incident(1, 0, 1)), answers('500', incident(0, 1, 1))],
  },
  {
    alert: 'HighErrorRatio',
    name: 'no traffic',
    input: [answers('200', steady(0)), answers('503', steady(0))],
  },
  {
    alert: 'HighErrorRatio',
    name: 'clients close their connections',
    input: [answers('499', steady(100)), answers('503', steady(0))],
  },
  { alert: 'Exceptions', name: 'old exceptions', input: [thrown(sequence([7, 1], [0, 199]))] },
  {
    alert: 'ServiceAbsent',
    name: 'one of two replicas responds',
    input: [replica(steady(0)), replica(steady(1), SECOND_REPLICA)],
  },
  { alert: 'NoTraffic', name: 'no users yet', input: [answers('200', steady(1))] },
  { alert: 'NoTraffic', name: 'there never were many requests', input: [answers('200', lasting(9, 1))] },
  { alert: 'NoTraffic', name: 'there are still some requests', input: [answers('200', lasting(1000, 4))] },
]

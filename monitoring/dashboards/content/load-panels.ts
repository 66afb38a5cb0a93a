import { PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BOUNDS } from '../../objectives.ts'
import { select } from '../../rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../targets.ts'
import { REPLICAS } from '../dashboard-variables.ts'
import { COUNT, graph, quantile, rate } from '../panels.ts'

const { requests, requestDuration, requestsInFlight } = catalogue

const sent = LOAD_METRICS.requests
const answered = select(requests.name, { ...REPLICAS, [requests.labels.status]: '=~2..' })
const failing = select(requests.name, { ...REPLICAS, [requests.labels.status]: '=~5..' })

export const throughput = graph({
  title: 'Sent and answered',
  shows: 'Requests per second that k6 sends, and that the service answers with a 2xx.',
  worry: 'Worry when the lines part: the rest waits or fails. A new replica counts from its first scrape.',
  unit: RequestsPerSecond,
  queries: { 'sent by k6': `sum(${rate(sent)})`, answered: `sum(${rate(answered)})` },
})

export const latency = graph({
  title: 'Latency, p95',
  shows: 'Time within which 95% of the requests are answered, as k6 and as the service measure it, queueing included.',
  worry: 'The lines should be close; if k6 measures more, requests wait before the service accepts them.',
  alerts: { HighLatency: `when the service's p95 is above ${BOUNDS.latency} s` },
  unit: Seconds,
  queries: {
    // k6 sends native histograms; its durations include the wait for a connection and requests without an answer
    client: quantile(0.95, `sum(${rate(LOAD_METRICS.duration)})`),
    service: quantile(0.95, `sum by (le) (${rate(select(`${requestDuration.name}_bucket`, REPLICAS))})`),
  },
  bound: { above: BOUNDS.latency },
})

export const failed = graph({
  title: 'Failed requests, share',
  shows: 'Share of the requests that failed, timed out or found no connection for k6, and that the service failed.',
  worry: 'Normal is 0%. If the client has more failures, requests do not reach the service or wait too long.',
  unit: PercentUnit,
  queries: {
    client: `1 - sum(${rate(select(sent, { expected_response: 'true' }))}) / sum(${rate(sent)})`,
    service: `sum(${rate(failing)}) / sum(${rate(select(requests.name, REPLICAS))})`,
  },
  bound: { above: BOUNDS.errorRatio },
})

export const waiting = graph({
  title: 'Requests that wait',
  shows: 'Number of virtual users of k6, and number of requests that the service has not answered yet.',
  worry: 'Worry when both keep rising: more requests arrive than are answered. At its maximum k6 drops requests.',
  unit: COUNT,
  queries: {
    'virtual users': `sum(${LOAD_METRICS.clients})`,
    'in flight': `sum(${select(requestsInFlight.name, REPLICAS)})`,
  },
})

export const probe = graph({
  title: 'Probe duration',
  shows: 'Time that the outside probe waits for the answer to a trivial request.',
  worry: 'Normal is a few milliseconds; a slow probe means that users wait, too.',
  alerts: { ServiceUnresponsive: `above ${BOUNDS.probeDuration} s, or when the probe gets no answer` },
  unit: Seconds,
  queries: { probe: `max(${select(EXPORTERS.probeDuration, { job: JOBS.probe })})` },
  bound: { above: BOUNDS.probeDuration },
})

export const byReplica = graph({
  title: 'Answers by replica',
  shows: 'Requests per second that each replica answers with a 2xx.',
  worry:
    'The lines should be close together; under overload, twice the replicas should answer nearly twice the requests.',
  unit: RequestsPerSecond,
  queries: { '{{instance}}': `sum by (instance) (${rate(answered)})` },
})

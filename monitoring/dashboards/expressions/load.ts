import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { select } from '../../rule.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../targets.ts'
import { quantile, rate } from './functions.ts'

const { requests, requestDuration, requestsInFlight } = catalogue
const CHOSEN = { job: '=~$job', instance: '=~$instance' }

const sent = LOAD_METRICS.requests
const asExpected = select(sent, { expected_response: 'true' })
const answered = select(requests.name, { ...CHOSEN, [requests.labels.status]: '=~2..' })

/** PromQL about a load by k6, and how the service takes it. Times are in seconds, ratios from 0 to 1. */
export const load = {
  sent: `sum(${rate(sent)})`,
  answered: `sum(${rate(answered)})`,
  answeredByReplica: `sum by (instance) (${rate(answered)})`,
  /** k6's are native histograms: it sees what waits for a connection, too, and what never comes back. */
  latency: {
    client: quantile(0.95, `sum(${rate(LOAD_METRICS.duration)})`),
    own: quantile(0.95, `sum by (le) (${rate(select(`${requestDuration.name}_bucket`, CHOSEN))})`),
  },
  failed: `1 - sum(${rate(asExpected)}) / sum(${rate(sent)})`,
  clients: `sum(${LOAD_METRICS.clients})`,
  inFlight: `sum(${select(requestsInFlight.name, CHOSEN)})`,
  replicas: `sum(${select(EXPORTERS.up, CHOSEN)})`,
  /** What the probe from outside waits, beside the load. */
  probe: `max(${select(EXPORTERS.probeDuration, { job: JOBS.probe })})`,
}

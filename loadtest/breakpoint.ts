// Breakpoint: a rising rate until the objective is missed (exit code 99). The last line says the rate that was reached.
// Default: up to RATE 200 requests/s within DURATION 200 s.
import exec from 'k6/execution'
import { Gauge } from 'k6/metrics'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, optionsOf, rate, sendRequest, summaryOf, UNTIL_BROKEN, users } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.breakpoint)
/** Present arrival rate in requests per second; rises linearly. */
const offered = new Gauge('offered_rate')

export { setup } from './shared.ts'
export const options = optionsOf(
  {
    executor: 'ramping-arrival-rate',
    startRate: 1,
    timeUnit: '1s',
    preAllocatedVUs: users(RATE / 4),
    maxVUs: users(RATE),
    stages: [{ target: RATE, duration: `${duration(200)}s` }],
  },
  UNTIL_BROKEN,
)
export function handleSummary(data: Parameters<ReturnType<typeof summaryOf>>[0]) {
  const reached = Math.round(data.metrics.offered_rate?.values.max ?? 0)
  const summary = summaryOf('breakpoint', reached)(data)
  return { ...summary, stdout: `${summary.stdout}reached ${reached} requests/s\n` }
}
export default function () {
  offered.add(exec.scenario.progress * RATE)
  sendRequest()
}

// Soak: a modest rate for a long time, to find leaks. Default: RATE 15 requests/s, DURATION 600 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, optionsOf, rate, sendRequest, setup, summaryOf, users } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.soak)

export const options = optionsOf({
  executor: 'constant-arrival-rate',
  rate: RATE,
  duration: `${duration(600)}s`,
  preAllocatedVUs: users(RATE),
})
export const handleSummary = summaryOf('soak', RATE)
export { setup }
export default sendRequest

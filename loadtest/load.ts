// Load: a constant rate that should meet the objective; also the load of drills. Default: RATE 20 requests/s, DURATION 30 s.
import { duration, optionsOf, rate, sendRequest, setup, summaryOf, users } from './shared.ts'

const RATE = rate()

export const options = optionsOf({
  executor: 'constant-arrival-rate',
  rate: RATE,
  duration: `${duration(30)}s`,
  preAllocatedVUs: users(RATE),
})
export const handleSummary = summaryOf('load', RATE)
export { setup }
export default sendRequest

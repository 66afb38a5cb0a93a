// Load: a steady rate that should hold the objective. RATE 20 requests/s, DURATION 30 s. What drills offer, too.
import { duration, factorise, optionsOf, rate, setup, summaryOf, users } from './shared.ts'

const RATE = rate()

export const options = optionsOf({
  executor: 'constant-arrival-rate',
  rate: RATE,
  duration: `${duration(30)}s`,
  preAllocatedVUs: users(RATE),
})
export const handleSummary = summaryOf('load', RATE)
export { setup }
export default factorise

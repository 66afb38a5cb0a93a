// Soak: a modest rate for a long time, to find leaks. Default: RATE 15 requests/s, DURATION 600 s.
import { duration, factorise, optionsOf, rate, setup, summaryOf, users } from './shared.ts'

const RATE = rate(15)

export const options = optionsOf({
  executor: 'constant-arrival-rate',
  rate: RATE,
  duration: `${duration(600)}s`,
  preAllocatedVUs: users(RATE),
})
export const handleSummary = summaryOf('soak', RATE)
export { setup }
export default factorise

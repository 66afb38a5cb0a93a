// Spike: a tenth of RATE, suddenly all of it, and as suddenly back. RATE 150 requests/s, DURATION 60 s.
import { duration, factorise, optionsOf, rate, setup, summaryOf, users } from './shared.ts'

const RATE = rate(150)
const CALM = Math.ceil(RATE / 10)
const third = `${duration(60) / 3}s`

export const options = optionsOf({
  executor: 'ramping-arrival-rate',
  startRate: CALM,
  timeUnit: '1s',
  preAllocatedVUs: users(RATE),
  stages: [
    { target: CALM, duration: third },
    { target: RATE, duration: '1s' },
    { target: RATE, duration: third },
    { target: CALM, duration: '1s' },
    { target: CALM, duration: third },
  ],
})
export const handleSummary = summaryOf('spike', null)
export { setup }
export default factorise

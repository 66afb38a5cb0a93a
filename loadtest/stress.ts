// Stress: up to RATE, which should exceed the capacity, and back. Default: RATE 150 requests/s, DURATION 90 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, optionsOf, rate, sendRequest, setup, summaryOf, users } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.peak)
const part = `${duration(90) / 3}s`

export const options = optionsOf({
  executor: 'ramping-arrival-rate',
  startRate: 1,
  timeUnit: '1s',
  preAllocatedVUs: users(RATE),
  stages: [
    { target: RATE, duration: part },
    { target: RATE, duration: part },
    { target: 1, duration: part },
  ],
})
export const handleSummary = summaryOf('stress', null)
export { setup }
export default sendRequest

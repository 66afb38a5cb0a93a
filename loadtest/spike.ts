// Spike: a tenth of RATE, suddenly RATE, and suddenly a tenth again. Default: RATE 150 requests/s, DURATION 60 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, optionsOf, rate, sendRequest, setup, summaryOf, users } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.peak)
const BASE_RATE = Math.ceil(RATE / 10)
const third = `${duration(60) / 3}s`

export const options = optionsOf({
  executor: 'ramping-arrival-rate',
  startRate: BASE_RATE,
  timeUnit: '1s',
  preAllocatedVUs: users(RATE),
  stages: [
    { target: BASE_RATE, duration: third },
    { target: RATE, duration: '1s' },
    { target: RATE, duration: third },
    { target: BASE_RATE, duration: '1s' },
    { target: BASE_RATE, duration: third },
  ],
})
export const handleSummary = summaryOf('spike', null)
export { setup }
export default sendRequest

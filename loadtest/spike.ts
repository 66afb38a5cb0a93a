// Spike: a tenth of RATE, suddenly RATE, and suddenly a tenth again. Default: RATE 150 requests/s, DURATION 60 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, rate, varyingRate } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.peak)
const BASE_RATE = Math.ceil(RATE / 10)
const third = `${duration(60) / 3}s`

export { sendRequest as default, setup } from './shared.ts'
export const { options, handleSummary } = varyingRate('spike', RATE, BASE_RATE, [
  { target: BASE_RATE, duration: third },
  { target: RATE, duration: '1s' },
  { target: RATE, duration: third },
  { target: BASE_RATE, duration: '1s' },
  { target: BASE_RATE, duration: third },
])

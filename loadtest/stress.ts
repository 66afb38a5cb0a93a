// Stress: up to RATE, which should exceed the capacity, and back. Default: RATE 150 requests/s, DURATION 90 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { duration, rate, varyingRate } from './shared.ts'

const RATE = rate(SERVICE_CONFIG.load.rates.peak)
const part = `${duration(90) / 3}s`

export { sendRequest as default, setup } from './shared.ts'
export const { options, handleSummary } = varyingRate('stress', RATE, 1, [
  { target: RATE, duration: part },
  { target: RATE, duration: part },
  { target: 1, duration: part },
])

// Soak: a modest rate for a long time, to find leaks. Default: RATE 15 requests/s, DURATION 600 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { constantRate } from './shared.ts'

export { sendRequest as default, setup } from './shared.ts'
export const { options, handleSummary } = constantRate('soak', SERVICE_CONFIG.load.rates.soak, 600)

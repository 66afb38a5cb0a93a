// Load: a constant rate that should meet the objective; also the load of drills. Default: RATE 20 requests/s, DURATION 30 s.
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { constantRate } from './shared.ts'

export { sendRequest as default, setup } from './shared.ts'
export const { options, handleSummary } = constantRate('load', SERVICE_CONFIG.load.rates.steady, 30)

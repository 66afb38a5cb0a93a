// Capacity: the maximum throughput. CLIENTS virtual users send the next request after each answer. Default: DURATION 4 s.
import { clients, duration, optionsOf, summaryOf } from './shared.ts'

export { sendRequest as default, setup } from './shared.ts'
export const options = optionsOf({ executor: 'constant-vus', vus: clients(), duration: `${duration(4)}s` })
export const handleSummary = summaryOf('capacity', null)

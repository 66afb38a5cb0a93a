// Smoke: one virtual user requests every path once, and checks the answers. Takes seconds.

import http from 'k6/http'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { checkAnswer, optionsOf, setup, summaryOf, TARGET } from './shared.ts'

/** Each path with its status and a part of its body. */
const EXPECTED = [
  ['/', 200, SERVICE_CONFIG.name],
  ['/livez', 200, ''],
  ['/readyz', 200, ''],
  ['/startupz', 200, ''],
  ['/swagger', 200, '<html'],
  ['/swagger/json', 200, '"openapi"'],
  ...SERVICE_CONFIG.load.smoke,
  ['/nowhere', 404, 'problem'],
] as const

/** Statuses that k6 does not count as failures. */
const STATUSES = [200, 404, 422]
http.setResponseCallback(http.expectedStatuses(...STATUSES))

export const options = optionsOf(
  { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '60s' },
  { checks: ['rate==1'] },
)
export const handleSummary = summaryOf('smoke', null)
export { setup }
export default function () {
  for (const [path, status, text] of EXPECTED) {
    const response = http.get(TARGET + path)
    const right = response.status === status && String(response.body).includes(text)
    checkAnswer(response, `${path} is ${status}`, right, !STATUSES.includes(response.status))
  }
}

// Open load for the overload test: RATE requests a second for DURATION seconds, whatever the answers take.
import exec from 'k6/execution'
import http from 'k6/http'
import type { Options } from 'k6/options'
import { SERVICE_CONFIG } from '../chosen-service.ts'

const { RATE, DURATION, TARGET, SUMMARY } = __ENV

export const options: Options = {
  scenarios: {
    overload: {
      executor: 'constant-arrival-rate',
      rate: Number(RATE),
      duration: `${DURATION}s`,
      preAllocatedVUs: Number(RATE) * Number(DURATION), // one for each request: never the limit
    },
  },
}

export default function () {
  const { path } = SERVICE_CONFIG.load.request('heavy', exec.scenario.iterationInTest)
  http.get(`${TARGET}${path}`, { tags: { name: SERVICE_CONFIG.load.route }, timeout: '60s' })
}

export function handleSummary(data: object) {
  return { [SUMMARY as string]: JSON.stringify(data) }
}

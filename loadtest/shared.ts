// Shared by all scenarios: the target, the variables, the inputs, the thresholds and the summary.

import { check } from 'k6'
import exec from 'k6/execution'
import http, { type RefinedResponse } from 'k6/http'
import { Counter } from 'k6/metrics'
import type { Options, Scenario, Stage } from 'k6/options'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { readChoice, readNumber } from '../lib/read-variable.ts'
import { COSTS, type LoadRequest } from '../service.config.ts'
import { OBJECTIVE_BOUND } from '../src/telemetry/catalogue.ts'

// With one of these variables k6 ignores the script's load, and sends other requests or none.
for (const variable of ['K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES', 'K6_VUS', 'K6_RPS'])
  if (__ENV[variable]) throw new Error(`${variable} is not accepted: k6 would run it instead of the scenario; unset it`)

const { name: SERVICE, load: LOAD, ports } = SERVICE_CONFIG
const DEFAULT_TARGET = `http://127.0.0.1:${ports.api}`

/** Origin of the API. */
export const TARGET = (__ENV.TARGET || DEFAULT_TARGET).replace(/\/$/, '')
if (!/^https?:\/\/[^/]+$/.test(TARGET))
  throw new Error(`TARGET: "${TARGET}" is not accepted; it takes an origin such as ${DEFAULT_TARGET}`)

/** Requests per second. */
export const rate = (fallback: number) => readNumber(__ENV, 'RATE', { fallback, minimum: 1, maximum: 100_000 })
/** Seconds. */
export const duration = (fallback: number) => readNumber(__ENV, 'DURATION', { fallback, minimum: 1, maximum: 86_400 })
/** Number of virtual users without an arrival rate. */
export const clients = () => readNumber(__ENV, 'CLIENTS', { fallback: LOAD.clients, minimum: 1, maximum: 1000 })
const SEED = readNumber(__ENV, 'SEED', { fallback: 1, minimum: 0, maximum: 2 ** 32 - 1 })
/** Timeout of a request. */
const TIMEOUT_SECONDS = readNumber(__ENV, 'TIMEOUT', { fallback: 2, minimum: 0.1, maximum: 60 })

/** Whether virtual users reuse their connections. */
const KEEP_ALIVE = readChoice(__ENV, 'KEEP_ALIVE', ['off', 'on'], 'off') === 'on'

const COST = readChoice(__ENV, 'COST', COSTS, COSTS[0])

/** The request of an iteration. A seed gives the same requests on every machine (one step of splitmix32). */
function requestOf(iteration: number): LoadRequest {
  let z = (SEED + Math.imul(iteration + 1, 0x9e3779b9)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return LOAD.request(COST, (z ^ (z >>> 15)) >>> 0)
}

/** What a scenario with a constant arrival rate exports. */
export function constantRate(name: string, defaultRate: number, defaultSeconds: number) {
  const RATE = rate(defaultRate)
  const seconds = `${duration(defaultSeconds)}s`
  return {
    options: optionsOf({
      executor: 'constant-arrival-rate',
      rate: RATE,
      duration: seconds,
      preAllocatedVUs: users(RATE),
    }),
    handleSummary: summaryOf(name, RATE),
  }
}

/** What a scenario exports whose arrival rate changes from `startRate` on, and is at most `maximum`. */
export const varyingRate = (name: string, maximum: number, startRate: number, stages: Stage[]) => ({
  options: optionsOf({
    executor: 'ramping-arrival-rate',
    startRate,
    timeUnit: '1s',
    preAllocatedVUs: users(maximum),
    stages,
  }),
  handleSummary: summaryOf(name, null),
})

/** Virtual users for an arrival rate: twice as many as wait if every request times out, so that k6 is never the limit. */
export const users = (rate: number) => Math.ceil(2 * rate * TIMEOUT_SECONDS) + 10

/** k6's options for one scenario. A missed threshold makes k6 end with exit code 99. */
export function optionsOf(scenario: Scenario, thresholds: Options['thresholds'] = OBJECTIVE): Options {
  return {
    scenarios: { [SCENARIO]: scenario },
    thresholds: { ...OBSERVED, ...thresholds },
    noConnectionReuse: !KEEP_ALIVE, // load is balanced per connection: reused connections never reach a new replica
    dns: { ttl: '1s', select: 'roundRobin', policy: 'preferIPv4' }, // new replicas also for a DNS name of all replicas
    summaryTrendStats: TREND_STATS,
    systemTags: ['scenario', 'name', 'method', 'status', 'expected_response'], // without url: each input would add series
  }
}

/** Statistics of the latency in the summary. */
const TREND_STATS = ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'max']

/** The name of every scenario in k6. The tag selects the scenario's requests, without those of setup. */
const SCENARIO = 'load'
const of = (metric: string) => `${metric}{scenario:${SCENARIO}}`

/** Metrics of the scenario for the summary. k6 reports a submetric only if it has a threshold. */
const OBSERVED = {
  [of('http_reqs')]: ['count>0'],
  [of('http_req_failed')]: ['rate<=1'],
  [of('http_req_duration')]: ['max>=0'],
}

/** Successful requests with an incorrect answer. */
const wrongAnswers = new Counter('wrong_answers')

/** The objective: p95 latency below the bound, less than 1 % failed, no wrong answer, no dropped iteration. */
const OBJECTIVE = {
  [of('http_req_duration')]: [`p(95)<${OBJECTIVE_BOUND * 1000}`],
  [of('http_req_failed')]: ['rate<0.01'],
  wrong_answers: ['count==0'],
  dropped_iterations: ['count==0'],
}

/** The objective; a miss ends the run, from 10 s after its start. */
export const UNTIL_BROKEN = Object.fromEntries(
  Object.entries(OBJECTIVE).map(([metric, [threshold]]) => [
    metric,
    [{ threshold: threshold as string, abortOnFail: true, delayAbortEval: '10s' }],
  ]),
)

/** Sends the request of the iteration, and checks the answer. */
export function sendRequest(): void {
  const { method = 'GET', path, body, answer } = requestOf(exec.scenario.iterationInTest)
  const response = http.request(method, `${TARGET}${path}`, body === undefined ? null : JSON.stringify(body), {
    tags: { name: LOAD.route },
    timeout: `${TIMEOUT_SECONDS}s`,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  })
  checkAnswer(response, 'is the right answer', response.status === 200 && response.body === answer)
}

/**
 * Counts an answer as right or wrong. A failed request is a failed check, but not a wrong answer.
 * @param failed default: no answer, or a status of 400 or more
 */
export function checkAnswer(
  response: RefinedResponse<'text'>,
  name: string,
  right: boolean,
  failed = response.error_code !== 0,
): void {
  check(response, { [name]: () => right })
  wrongAnswers.add(right || failed ? 0 : 1)
}

/** Aborts before the load when the target is not this service. Returns the time at which the load begins (Unix, seconds). */
export function setup(): { begin: number } {
  const { status, error, body } = http.get(`${TARGET}/`)
  if (status !== 200)
    exec.test.abort(
      `${TARGET} does not answer (${error || `status ${status}`}); start it with "make up", or set TARGET`,
    )
  if (!String(body).includes(`"${SERVICE}"`))
    exec.test.abort(`${TARGET} answers, but is not ${SERVICE}: a proxy or another service listens there; set TARGET`)
  return { begin: Date.now() / 1000 }
}

interface Data {
  readonly metrics: Readonly<
    Record<string, { values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>
  >
  readonly setup_data?: { begin: number }
}

/**
 * Prints a summary, and writes the summary as JSON to the file SUMMARY (`-`: as a last line after the word "summary"). Times are
 * Unix times in seconds; latencies are in seconds, and a request that timed out counts with its timeout. `wrong`: successful
 * requests with an incorrect answer. `held`: every threshold was met, and at least one request was sent.
 * @param name of the scenario
 * @param rate constant arrival rate in requests per second, else null
 */
export const summaryOf = (name: string, rate: number | null) => (data: Data) => {
  const { metrics } = data
  const value = (metric: string, key: string) => metrics[metric]?.values[key] ?? 0
  const thresholds = Object.entries(metrics)
    .flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([bound, { ok }]) => ({ name: `${metric} ${bound}`, ok })),
    )
    .sort((a, b) => a.name.localeCompare(b.name)) // k6 gives them in a random order
  const summary = {
    scenario: name,
    rate,
    begin: data.setup_data?.begin,
    end: Date.now() / 1000,
    requests: value(of('http_reqs'), 'count'),
    failedRatio: value(of('http_req_failed'), 'rate'),
    wrong: value('wrong_answers', 'count'),
    dropped: value('dropped_iterations', 'count'),
    latency: Object.fromEntries(
      TREND_STATS.map(key => [key.replace(/[()]/g, ''), value(of('http_req_duration'), key) / 1000]),
    ),
    held: thresholds.every(({ ok }) => ok),
  }
  const observed = new Set(Object.entries(OBSERVED).map(([metric, [bound]]) => `${metric} ${bound}`))
  const percentiles = Object.entries(summary.latency).map(([key, s]) => `${key} ${Math.round(s * 1000)} ms`)
  if (data.setup_data === undefined) return { stdout: `${name}: no load was offered\n` }
  const lines = [
    `${name}: ${summary.requests} requests in ${Math.round(summary.end - data.setup_data.begin)} s, ` +
      `${(summary.failedRatio * 100).toFixed(1)} % failed, ${summary.dropped} dropped, ${summary.wrong} wrong`,
    percentiles.join(', '),
    ...thresholds
      .filter(({ name, ok }) => !ok || (summary.requests > 0 && !observed.has(name))) // without a request no threshold was met
      .map(({ name, ok }) => `${ok ? 'held  ' : 'BROKEN'} ${name}`),
  ]
  const stdout = `${lines.join('\n')}\n`
  if (__ENV.SUMMARY === '-') return { stdout: `${stdout}summary ${JSON.stringify(summary)}\n` }
  return { stdout, ...(__ENV.SUMMARY ? { [__ENV.SUMMARY]: `${JSON.stringify(summary, null, 2)}\n` } : {}) }
}

// What every scenario shares: the target, the variables, the inputs, the thresholds and the summary.

import { check } from 'k6'
import exec from 'k6/execution'
import http, { type RefinedResponse } from 'k6/http'
import { Counter } from 'k6/metrics'
import type { Options, Scenario } from 'k6/options'
import { OBJECTIVE_BOUND } from '../src/telemetry/catalogue.ts'
import { INPUTS } from './inputs.ts'

/** A variable of the environment as a number; throws one line that says what is accepted before any load is offered. */
function number(variable: string, byDefault: number, least: number, most: number): number {
  const text = __ENV[variable] || `${byDefault}`
  const value = Number(text)
  if (value >= least && value <= most) return value
  throw new Error(`${variable}: "${text}" is not accepted; it takes a number from ${least} to ${most}`)
}

/** A variable of the environment that takes one of a few words, by default the first. */
function oneOf<T extends string>(variable: string, words: readonly [T, ...T[]]): T {
  const word = words.find(word => word === (__ENV[variable] || words[0]))
  if (word !== undefined) return word
  throw new Error(`${variable}: "${__ENV[variable]}" is not accepted; it takes ${words.join(' or ')}`)
}

/** Variables that make k6 ignore the load of the script: k6 would send other requests, or none. */
for (const variable of ['K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES', 'K6_VUS', 'K6_RPS'])
  if (__ENV[variable]) throw new Error(`${variable} is not accepted: k6 would run it instead of the scenario; unset it`)

/** Origin of the API. */
export const TARGET = (__ENV.TARGET || 'http://127.0.0.1:3000').replace(/\/$/, '')
if (!/^https?:\/\/[^/]+$/.test(TARGET))
  throw new Error(`TARGET: "${TARGET}" is not accepted; it takes an origin such as http://127.0.0.1:3000`)

/** Requests a second; the default is well below what one replica can do, which is 50 to 90 at 300 ms of CPU a second. */
export const rate = (byDefault = 20) => number('RATE', byDefault, 1, 100_000)
/** Seconds. */
export const duration = (byDefault: number) => number('DURATION', byDefault, 1, 86_400)
/** Virtual users of a closed loop. */
export const clients = () => number('CLIENTS', 6, 1, 1000)
const SEED = number('SEED', 1, 0, 2 ** 32 - 1)
/** Seconds after which a client gives up. */
const TIMEOUT = number('TIMEOUT', 2, 0.1, 60)

/** Whether clients keep their connections. */
const KEEP_ALIVE = oneOf('KEEP_ALIVE', ['off', 'on']) === 'on'

const NUMBERS = INPUTS[oneOf('COST', ['heavy', 'medium', 'light'])]

/** The input of an iteration: the same for the same seed, whatever the machine (a step of splitmix32). */
function inputOf(iteration: number): number {
  let z = (SEED + Math.imul(iteration + 1, 0x9e3779b9)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return NUMBERS[((z ^ (z >>> 15)) >>> 0) % NUMBERS.length] as number
}

/** Virtual users for a rate: twice what waits when every request takes until its timeout, so that k6 is never the limit. */
export const users = (rate: number) => Math.ceil(2 * rate * TIMEOUT) + 10

/** k6's options for one scenario; each threshold that is broken makes k6 end with exit code 99. */
export function optionsOf(scenario: Scenario, thresholds: Options['thresholds'] = OBJECTIVE): Options {
  return {
    scenarios: { [SCENARIO]: scenario },
    // what setup asks is no load, so figures and thresholds are the scenario's own
    thresholds: { ...OBSERVED, ...thresholds },
    noConnectionReuse: !KEEP_ALIVE, // connections are balanced when they are made: kept ones would never reach a new replica
    dns: { ttl: '1s', select: 'roundRobin', policy: 'preferIPv4' }, // the same for a name that stands for every replica
    summaryTrendStats: ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'max'],
    systemTags: ['scenario', 'name', 'method', 'status', 'expected_response'], // no url: each input would make series
  }
}

/** The name of every scenario in k6: one run has one, and the file says which. */
const SCENARIO = 'load'
const of = (metric: string) => `${metric}{scenario:${SCENARIO}}`

/** Figures that the summary needs of the scenario alone; k6 keeps them only where something is asked of them. */
const OBSERVED = {
  [of('http_reqs')]: ['count>0'],
  [of('http_req_failed')]: ['rate<=1'],
  [of('http_req_duration')]: ['max>=0'],
}

/** Requests that were answered in time, without an error, and with another answer than the right one. */
const wrongAnswers = new Counter('wrong_answers')

/** The objective: 95 % under its bound, less than 1 % failed, no wrong answer, and nothing left unsent. */
const OBJECTIVE = {
  [of('http_req_duration')]: [`p(95)<${OBJECTIVE_BOUND * 1000}`],
  [of('http_req_failed')]: ['rate<0.01'],
  wrong_answers: ['count==0'],
  dropped_iterations: ['count==0'],
}

/** The objective, at which the run ends where it is broken for ten seconds after it began. */
export const UNTIL_BROKEN = Object.fromEntries(
  Object.entries(OBJECTIVE).map(([metric, [threshold]]) => [
    metric,
    [{ threshold: threshold as string, abortOnFail: true, delayAbortEval: '10s' }],
  ]),
)

/** One request for the factors of the iteration's input, with its answer checked. */
export function factorise(): void {
  const n = inputOf(exec.scenario.iterationInTest)
  const response = http.get(`${TARGET}/factors/${n}`, { tags: { name: '/factors/{n}' }, timeout: `${TIMEOUT}s` })
  checkAnswer(response, 'is its own only factor', response.status === 200 && response.body === answerOf(n))
}

/**
 * Counts an answer as right or wrong. A request that failed is a failed check, but not a wrong answer.
 * @param failed default: as k6 has it, no answer or a status of 400 or more
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

const answerOf = (n: number) => JSON.stringify({ n, prime: true, factors: [{ prime: n, exponent: 1 }] })

/** Fails before any load where this service does not answer; gives the time at which the load begins. */
export function setup(): { begin: number } {
  const { status, error, body } = http.get(`${TARGET}/`)
  if (status !== 200)
    exec.test.abort(
      `${TARGET} does not answer (${error || `status ${status}`}); start it with "make up", or set TARGET`,
    )
  if (!String(body).includes('"tipping-point"'))
    exec.test.abort(`${TARGET} answers, but not as tipping-point does: a proxy or another service is there; set TARGET`)
  return { begin: Date.now() / 1000 }
}

interface Data {
  readonly metrics: Readonly<
    Record<string, { values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>
  >
  readonly setup_data?: { begin: number }
}

/**
 * Prints a summary, and writes it as JSON where SUMMARY says (`-`: as a last line, after the word "summary"). Times are Unix
 * times, and latencies lengths of time, in seconds; a request that timed out counts with its timeout. `wrong`: answers that
 * are no failures, and not right. `held`: every threshold was met, and there was a request.
 * @param name of the scenario
 * @param rate that was offered, in requests a second, where it was one
 */
export const summaryOf = (name: string, rate: number | null) => (data: Data) => {
  const { metrics } = data
  const value = (metric: string, key: string) => metrics[metric]?.values[key] ?? 0
  const seconds = (key: string) => value(of('http_req_duration'), key) / 1000
  const thresholds = Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).map(([bound, { ok }]) => ({ name: `${metric} ${bound}`, ok })),
  )
  const summary = {
    scenario: name,
    rate,
    begin: data.setup_data?.begin,
    end: Date.now() / 1000,
    requests: value(of('http_reqs'), 'count'),
    failedRatio: value(of('http_req_failed'), 'rate'),
    wrong: value('wrong_answers', 'count'),
    dropped: value('dropped_iterations', 'count'),
    latency: {
      p50: seconds('p(50)'),
      p90: seconds('p(90)'),
      p95: seconds('p(95)'),
      p99: seconds('p(99)'),
      max: seconds('max'),
    },
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
      .filter(({ name, ok }) => !ok || (summary.requests > 0 && !observed.has(name))) // no request, nothing held
      .map(({ name, ok }) => `${ok ? 'held  ' : 'BROKEN'} ${name}`),
  ]
  const stdout = `${lines.join('\n')}\n`
  if (__ENV.SUMMARY === '-') return { stdout: `${stdout}summary ${JSON.stringify(summary)}\n` }
  return { stdout, ...(__ENV.SUMMARY ? { [__ENV.SUMMARY]: `${JSON.stringify(summary, null, 2)}\n` } : {}) }
}

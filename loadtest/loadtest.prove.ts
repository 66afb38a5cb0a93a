import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from '../lib/process.ts'
import { fromSource, startProcess } from '../lib/service-process.ts'
import { CACHE_VARIABLE, COSTS, type Cost, SERVICE_CONFIG } from '../service.config.ts'
import { WITH_INSTALL } from '../test/programs.ts'
import { ensureProgram } from '../tools/install.ts'
import { cacheFolder } from '../tools/install-options.ts'
import { PROGRAMS } from '../tools/programs.ts'
import { SCENARIOS } from './scenarios.ts'

const { name: NAME, load } = SERVICE_CONFIG

/** What the load of a cost asks for, with the right answers. */
const answersOf = (cost: Cost) =>
  new Map(
    Array.from({ length: 1000 }, (_, random) => load.request(cost, random)).map(({ path, answer }) => [path, answer]),
  )
const answers = new Map(COSTS.flatMap(cost => [...answersOf(cost)]))

/** Answers as the service does, at no cost, and keeps what it was asked for. */
const asked: string[] = []
/** The ports that it was asked from: one a connection. */
const connections = new Set<number | undefined>()
let status = 200
/** What all else answers in place of the right answer, and what `/` answers. */
let page: string | undefined
let about = `{"name":"${NAME}"}`
const stub = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/': () => new Response(about),
    '/*': (request, server) => {
      const { pathname } = new URL(request.url)
      asked.push(pathname)
      connections.add(server.requestIP(request)?.port)
      if (page !== undefined) return new Response(page)
      return new Response(answers.get(pathname), { status })
    },
  },
})
afterAll(() => stub.stop(true))
beforeEach(() => {
  asked.length = 0
  connections.clear()
  status = 200
  page = undefined
  about = `{"name":"${NAME}"}`
})

const folder = mkdtempSync(join(tmpdir(), 'load-'))

/** Plain `k6 run` of a scenario, and its summary, if it wrote one. */
async function k6(scenario: string, variables: NodeJS.Dict<string>) {
  const summary = Bun.file(join(folder, `${crypto.randomUUID()}.json`))
  const env = {
    ...process.env,
    TARGET: stub.url.origin,
    SUMMARY: summary.name,
    K6_NO_USAGE_REPORT: 'true',
    ...variables,
  }
  const ended = await collect(
    [await ensureProgram(PROGRAMS.k6), 'run', '--quiet', join(import.meta.dir, `${scenario}.ts`)],
    { env },
  )
  return { ...ended, summary: (await summary.exists()) ? await summary.json() : undefined }
}

test(
  'smoke holds on the real service',
  async () => {
    const service = await startProcess(fromSource('src/main.ts'))
    const { code, out } = await k6('smoke', { TARGET: service.url })
    await service.stop()
    expect(out).toContain('held   checks rate==1')
    expect(code).toBe(0)
  },
  WITH_INSTALL,
)

test('load offers its rate, and sums it up in seconds', async () => {
  const { code, summary } = await k6('load', { RATE: '40', DURATION: '3', SEED: '7' })
  expect(code).toBe(0)
  expect(summary).toEqual({
    scenario: 'load',
    rate: 40,
    begin: expect.any(Number),
    end: expect.any(Number),
    requests: asked.length,
    failedRatio: 0,
    wrong: 0,
    dropped: 0,
    latency: Object.fromEntries(['p50', 'p90', 'p95', 'p99', 'max'].map(key => [key, expect.any(Number)])),
    held: true,
  })
  expect(asked.length).toBeGreaterThanOrEqual(119)
  expect(asked.length).toBeLessThanOrEqual(121)
  expect(Math.abs(summary.end - summary.begin - 3)).toBeLessThan(2)
  expect(summary.latency.p50).toBeLessThanOrEqual(summary.latency.max)
  expect(summary.latency.max).toBeLessThan(2)
}, 30_000)

test('the same seed asks for the same, another for something else', async () => {
  const inputs = async (SEED: string) => {
    asked.length = 0
    await k6('load', { RATE: '50', DURATION: '2', SEED })
    return asked.slice(0, 99).sort()
  }
  const first = await inputs('1')
  expect(new Set(first).size).toBeGreaterThan(3)
  expect(await inputs('1')).toEqual(first)
  expect(await inputs('2')).not.toEqual(first)
}, 30_000)

test.each(COSTS)(
  'COST=%s asks for the requests of that cost',
  async COST => {
    expect(await k6('load', { RATE: '50', DURATION: '1', COST })).toMatchObject({ code: 0 })
    expect(new Set(asked).size).toBeGreaterThan(3)
    expect([...new Set(asked)].filter(path => !answersOf(COST).has(path))).toEqual([])
  },
  30_000,
)

test('each request has a connection of its own, unless KEEP_ALIVE=on: then each virtual user has one', async () => {
  const load = { RATE: '40', DURATION: '2', TIMEOUT: '0.1' } // 18 users
  expect(await k6('load', load)).toMatchObject({ code: 0 })
  expect(asked.length).toBeGreaterThan(70)
  expect(connections.size).toBe(asked.length)
  asked.length = 0
  connections.clear()
  expect(await k6('load', { ...load, KEEP_ALIVE: 'on' })).toMatchObject({ code: 0 })
  expect(asked.length).toBeGreaterThan(70)
  expect(connections.size).toBeLessThanOrEqual(18)
}, 30_000)

test('SUMMARY=- gives the summary as a last line', async () => {
  const written = await k6('load', { RATE: '20', DURATION: '1' })
  const { out, summary } = await k6('load', { RATE: '20', DURATION: '1', SUMMARY: '-' })
  expect(summary).toBeUndefined()
  const line = out.trimEnd().split('\n').at(-1)
  expect(line).toStartWith('summary {')
  const printed = JSON.parse(line?.replace('summary ', '') ?? '')
  expect(printed).toMatchObject({ scenario: 'load', rate: 20, held: true, failedRatio: 0 })
  expect(Object.keys(printed)).toEqual(Object.keys(written.summary))
  expect(written.out).not.toContain('summary {')
}, 30_000)

test('failures break the load, with exit code 99', async () => {
  status = 503
  const { code, out, summary } = await k6('load', { RATE: '20', DURATION: '2' })
  expect(code).toBe(99)
  expect(summary).toMatchObject({ held: false, failedRatio: 1, wrong: 0 }) // a failure is no wrong answer
  expect(out).toContain('BROKEN http_req_failed{scenario:load} rate<0.01')
}, 30_000)

const PAGE = '<html>Welcome to the proxy</html>'
const VARIABLES = { RATE: '20', DURATION: '2' }

test('wrong answers break the load, with exit code 99, though their status is 200', async () => {
  page = PAGE
  const { code, out, summary } = await k6('load', VARIABLES)
  expect(code).toBe(99)
  expect(summary).toMatchObject({ held: false, failedRatio: 0, wrong: asked.length })
  expect(out).toContain('BROKEN wrong_answers count==0')
  expect(out).toContain(`0 dropped, ${asked.length} wrong`)
}, 30_000)

test('what answers and is not the service is refused before any load', async () => {
  about = PAGE
  const { code, err, summary } = await k6('load', VARIABLES)
  expect(code).toBeGreaterThan(99)
  expect(err).toContain(`${stub.url.origin} answers, but is not ${NAME}`)
  expect({ summary, asked }).toEqual({ summary: undefined, asked: [] })
}, 30_000)

test('neither K6_ variables nor a configuration of k6 in the home change what make load offers', async () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'))
  await Bun.write(join(home, '.config/k6/config.json'), '{ "vus": 2, "duration": "1s" }')
  const summary = join(folder, 'own.json')
  const [log, script] = [join(folder, 'own.log'), join(import.meta.dir, '../platforms/k6.ts')]
  const variables = { RATE: '20', DURATION: '2', SUMMARY: summary }
  const load = `
    const { runK6 } = await import('${script}')
    const { code } = await runK6(${JSON.stringify({ scenario: 'load', variables, log })}, '${stub.url.origin}', undefined)
    process.exit(code)`
  const places = { HOME: home, XDG_CONFIG_HOME: '', [CACHE_VARIABLE]: cacheFolder(process.env) }
  const env = { ...process.env, ...places, K6_DURATION: '1s', K6_ITERATIONS: '1', K6_VUS: '2' }
  const { code, err } = await collect([process.execPath, '-e', load], { env })
  expect({ code, err }).toEqual({
    code: 0,
    err: 'K6_DURATION, K6_ITERATIONS, K6_VUS: not passed on to k6, because the scenario says what k6 runs\n',
  })
  expect(await Bun.file(summary).json()).toMatchObject({ held: true, requests: asked.length })
  expect(asked.length).toBeGreaterThanOrEqual(39)
}, 30_000)

test('a run in which the scenario sent no request is not held', async () => {
  const script = join(import.meta.dir, 'load.ts')
  const summary = join(folder, 'none.json')
  const command = [await ensureProgram(PROGRAMS.k6), 'run', '--quiet', '--vus=1', '--iterations=1', script]
  const env = { ...process.env, TARGET: stub.url.origin, SUMMARY: summary, K6_NO_USAGE_REPORT: 'true' }
  const { code, out } = await collect(command, { env })
  expect(code).toBe(99)
  expect(out).toContain('BROKEN http_reqs{scenario:load} count>0')
  expect(out).not.toContain('held')
  expect(await Bun.file(summary).json()).toMatchObject({ requests: 0, held: false })
}, 30_000)

test('breakpoint ends where the objective breaks, and says at which rate', async () => {
  status = 503
  const { code, out } = await k6('breakpoint', { RATE: '40', DURATION: '60' })
  expect(code).toBe(99)
  expect(out).toMatch(/reached \d+ requests\/s/)
}, 50_000)

test('every scenario can be read', async () => {
  for (const scenario of SCENARIOS) {
    const inspected = await collect([
      await ensureProgram(PROGRAMS.k6),
      'inspect',
      join(import.meta.dir, `${scenario}.ts`),
    ])
    expect({ scenario, code: inspected.code, err: inspected.err }).toEqual({ scenario, code: 0, err: '' })
  }
}, 60_000)

test.each([
  [{ RATE: 'many' }, 'RATE: \\"many\\" is not accepted; it takes a number from 1 to'],
  [{ SEED: '-1' }, 'SEED: \\"-1\\" is not accepted'],
  [{ COST: 'free' }, 'COST: \\"free\\" is not accepted; it takes heavy, medium, light'],
  [{ KEEP_ALIVE: 'yes' }, 'KEEP_ALIVE: \\"yes\\" is not accepted; it takes off or on'],
  [{ TARGET: 'localhost' }, 'TARGET: \\"localhost\\" is not accepted; it takes an origin'],
  [{ K6_DURATION: '1s' }, 'K6_DURATION is not accepted: k6 would run it instead of the scenario'],
  [{ K6_VUS: '2' }, 'K6_VUS is not accepted'],
  [{ TARGET: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1 does not answer'],
])(
  '%j is refused before any load',
  async (variables, message) => {
    const { code, err, summary } = await k6('load', variables)
    expect(code).toBeGreaterThan(99)
    expect(err).toContain(message)
    expect(summary).toBeUndefined()
    expect(asked).toEqual([])
  },
  30_000,
)

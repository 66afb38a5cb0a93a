import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { scrape } from '../lib/exposition.ts'
import { compiled, fromSource, type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { SERVICE_CONFIG } from '../service.config.ts'
import { CLIENT_CLOSED_REQUEST, catalogue } from '../src/telemetry/catalogue.ts'
import { expectCountedOnce, type Row } from './counted-once.ts'
import { rises } from './exposition.ts'
import { seriesOf } from './series.ts'
import { until } from './until.ts'

const unmatched = { route: 'unmatched' }
const PATH = SERVICE_CONFIG.probe.path
/** The route of that path, as the router names it. */
const ofModule = { route: SERVICE_CONFIG.load.route.replaceAll(/\{(\w+)\}/g, ':$1') }
const ofDelay = { route: '/faults/delay/:milliseconds' }

/** Requests to the service itself. */
const OWN: Row[] = [
  { case: 'an answer', path: '/', sees: 200 },
  { case: 'an answer of a module', path: PATH, sees: 200, counted: ofModule },
  { case: 'a query string', path: `${PATH}?a=/b`, sees: 200, counted: ofModule },
  { case: 'a rejected value', method: 'POST', path: '/faults/delay/x', sees: 422, counted: ofDelay },
  { case: 'HEAD', method: 'HEAD', path: PATH, sees: 200, counted: ofModule },
  { case: 'an unknown path', path: '/wp-login.php', sees: 404, counted: unmatched },
  { case: 'HEAD of an unknown path', method: 'HEAD', path: '/wp-login.php', sees: 404, counted: unmatched },
  { case: 'a trailing slash', path: `${PATH}/`, sees: 404, counted: unmatched },
  { case: 'another method', method: 'PUT', path: PATH, sees: 405, counted: unmatched },
  {
    case: 'an unusual method',
    method: 'PROPFIND',
    path: PATH,
    sees: 405,
    counted: { ...unmatched, method: '_OTHER' },
  },
  { case: 'a file', path: '/swagger/swagger-ui.css', sees: 200 },
  { case: 'HEAD of a file', method: 'HEAD', path: '/swagger/swagger-ui.css', sees: 200 },
  { case: 'the OpenAPI document', path: '/swagger/json', sees: 200 },
  { case: 'an exception', method: 'POST', path: '/faults/exception', sees: 500, exception: 'Error' },
  {
    case: 'a requested status',
    method: 'POST',
    path: '/faults/status/503',
    sees: 503,
    counted: { route: '/faults/status/:code' },
  },
  {
    case: 'a late answer',
    method: 'POST',
    path: '/faults/delay/50',
    sees: 200,
    counted: ofDelay,
  },
  {
    case: 'a client that closes the connection',
    method: 'POST',
    path: '/faults/delay/5000',
    hangsUp: 'waiting',
    counted: { ...ofDelay, status: CLIENT_CLOSED_REQUEST },
  },
]

const BY_SCHEMAS: Row = { case: 'an answer that a schema documents', path: '/x/schemas', sees: 200 }

/** Requests to the routes of fixture.ts, which answer in every way that Elysia has. */
const EXTRA: Row[] = [
  { case: 'a raw Response', path: '/x/raw', sees: 202 },
  { case: 'a raw Response with a stream', path: '/x/raw-stream', sees: 200 },
  { case: 'a returned status', path: '/x/status', sees: 418 },
  { case: 'a static answer', path: '/x/static', sees: 200 },
  BY_SCHEMAS,
  { case: 'a stream', path: '/x/stream', sees: 200 },
  { case: 'a generator', path: '/x/generator', sees: 200 },
  { case: 'HEAD of a generator', method: 'HEAD', path: '/x/generator', sees: 200 },
  {
    case: 'a client that closes the connection in a stream',
    path: '/x/generator',
    hangsUp: 'reading',
    counted: { status: 200 },
  },
  { case: 'a stream that fails', path: '/x/broken-stream', sees: 200 },
  {
    case: 'a client that closes the connection of a handler that ignores it',
    path: '/x/deaf',
    hangsUp: 'waiting',
    counted: { status: CLIENT_CLOSED_REQUEST },
  },
  { case: 'a thrown string', path: '/x/throws', sees: 500, exception: 'other' },
  { case: 'HEAD of a rejected value', method: 'HEAD', path: '/x/integer?n=x', sees: 422 },
  { case: 'a body', method: 'POST', path: '/x/body', body: '{"n":1}', sees: 200 },
  { case: 'a malformed body', method: 'POST', path: '/x/body', body: '{"n":', sees: 400 },
  { case: 'a body against the schema', method: 'POST', path: '/x/body', body: '{"n":"one"}', sees: 422 },
  { case: 'an answer against the schema', path: '/x/wrong-answer', sees: 500, exception: 'Error' },
  { case: 'an answer that JSON cannot express', path: '/x/no-json', sees: 500, exception: 'TypeError' },
  { case: 'an early answer of a route’s hook', path: '/x/early', sees: 429 },
  { case: 'an early answer of the first hook', path: '/', headers: { 'x-refuse': '1' }, sees: 429, counted: unmatched },
  {
    case: 'an exception in the first hook',
    path: '/',
    headers: { 'x-throw': '1' },
    sees: 500,
    counted: unmatched,
    exception: 'TypeError',
  },
]

const targets = [
  { name: 'the service from source', rows: OWN, command: () => fromSource('src/main.ts') },
  { name: 'the compiled service', rows: OWN, command: () => compiled('src/main.ts') },
  { name: 'the fixture from source', rows: [...OWN, ...EXTRA], command: () => fromSource('test/fixture.ts') },
  { name: 'the compiled fixture', rows: [...OWN, ...EXTRA], command: () => compiled('test/fixture.ts') },
]

describe.each(targets)('$name', ({ rows, command }) => {
  let service: ServiceProcess

  beforeAll(async () => {
    service = await startProcess(await command())
  }, 60_000)
  afterAll(() => service?.stop())

  test('starts with no request counted and none in flight', async () => {
    const seen = await scrape(service.metricsUrl)
    expect(seen.get(catalogue.requestsInFlight.name)).toBe(0)
    const counts = [...seen].filter(([series]) => series.startsWith(catalogue.requests.name))
    expect(counts.length).toBeGreaterThan(5)
    expect(counts.filter(([, value]) => value !== 0)).toEqual([])
  })

  test.each(rows)('$case is counted once', row => expectCountedOnce(service, row))

  if (rows.includes(BY_SCHEMAS))
    test('statuses that a route documents by schemas exist at zero', async () => {
      const seen = await scrape(service.metricsUrl)
      for (const [method, status] of [
        ['GET', 404],
        ['GET', 500],
        ['HEAD', 404],
        ['HEAD', 500],
      ] as const)
        expect(seen.get(seriesOf(catalogue.requests, { method, route: BY_SCHEMAS.path, status }))).toBe(0)
    })

  test('probes and scrapes are not counted', async () => {
    const before = await scrape(service.metricsUrl)
    for (const path of ['/livez', '/readyz', '/startupz']) expect((await fetch(service.url + path)).status).toBe(200)
    const after = await scrape(service.metricsUrl)
    expect(rises(before, after, catalogue.requests.name)).toEqual({})
    expect(after.get(catalogue.requestsInFlight.name)).toBe(0)
  })

  test('the log has one line a request, with the same labels', async () => {
    const id = `test-${crypto.randomUUID()}`
    const response = await fetch(`${service.url}/faults/delay/x`, { method: 'POST', headers: { 'x-request-id': id } })
    expect(response.headers.get('x-request-id')).toBe(id)
    expect(await response.json()).toMatchObject({ status: 422, requestId: id })
    await until(30, 'the request is logged', () => service.log.some(line => line.requestId === id))
    const { seconds, ...line } = service.log.find(line => line.requestId === id) ?? { msg: '' }
    expect(line).toMatchObject({ level: 'info', msg: 'request', method: 'POST', ...ofDelay, status: 422 })
    expect(seconds).toBeNumber()
  })
})

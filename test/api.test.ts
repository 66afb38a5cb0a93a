import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { scrape } from '../lib/exposition.ts'
import { version } from '../package.json'
import { readConfig } from '../src/config.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { type Service, startService } from '../src/service.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { untilInFlight } from './exposition.ts'
import { exchange, statuses } from './raw.ts'

const NAME = SERVICE_CONFIG.name
/** A path of a module. */
const PATH = SERVICE_CONFIG.probe.path

const env = { PORT: '0', METRICS_PORT: '0', READINESS_DELAY_SECONDS: '0', DRAIN_TIMEOUT_SECONDS: '5' }
const silent = createLogger('silent')
const start = (more: Record<string, string> = {}) =>
  startService(OWN_SERVICE, readConfig({ ...env, ...more }, {}), silent)

let service: Service
beforeAll(async () => {
  service = await start({ FAULTS: 'on' })
})
afterAll(() => service.close())

const get = (path: string, init?: RequestInit) => fetch(service.url + path, init)
const post = (path: string) => get(path, { method: 'POST' })

test.each(['a', 'api', 'localhost', '[::1]:3000', 'a.example:80'])('answers for any host name: %s', async host => {
  const answer = await exchange(service.url, `GET ${PATH} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  expect(statuses(answer)).toEqual([200])
})

test('GET / answers with name, version, replica and links', async () => {
  expect(await (await get('/')).json()).toEqual({
    name: NAME,
    version,
    instance: hostname(),
    links: { ...OWN_SERVICE.links, documentation: '/swagger', openapi: '/swagger/json' },
  })
})

describe('errors', () => {
  test.each([
    ['GET', '/nope', 404, 'not-found'],
    ['DELETE', PATH, 405, 'method-not-allowed'],
    ['POST', '/faults/exception', 500, 'internal-error'],
    ['POST', '/faults/status/418', 418, 'injected-fault'],
    ['POST', '/faults/status/200', 422, 'unacceptable-integer'],
  ])('%s %s is answered with the right kind of problem', async (method, path, status, kind) => {
    const response = await get(path, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await response.json()) as Record<string, unknown>
    expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'detail', 'requestId'])
    expect(problem).toMatchObject({ type: `urn:problem-type:${NAME}:${kind}`, status })
    expect(problem.requestId).toBe(response.headers.get('x-request-id'))
    expect(JSON.stringify(problem)).not.toContain('.ts')
  })

  test('405 names the allowed methods', async () => {
    expect((await post(PATH)).headers.get('allow')).toBe('GET, HEAD')
    expect((await get('/faults/crash')).headers.get('allow')).toBe('POST')
  })
})

test('HEAD answers like GET, without a body', async () => {
  for (const path of ['/', PATH, '/nope', '/swagger']) {
    const [head, full] = await Promise.all([get(path, { method: 'HEAD' }), get(path)])
    expect(head.status).toBe(full.status)
    expect(head.headers.get('content-type')).toBe(full.headers.get('content-type'))
    expect(await head.text()).toBe('')
  }
})

describe('faults', () => {
  test('do not exist without FAULTS=on', async () => {
    const own = await start()
    for (const path of ['/faults/exception', '/faults/status/503', '/faults/crash'])
      expect((await fetch(own.url + path, { method: 'POST' })).status).toBe(404)
    const document = (await (await fetch(`${own.url}/swagger/json`)).json()) as { paths: object }
    expect(Object.keys(document.paths).filter(path => path.startsWith('/faults'))).toEqual([])
    await own.close()
  })

  test.each(['status/399', 'status/600', 'delay/10001', 'block/10001', 'memory/257', 'unready/601', 'delay/-1'])(
    'are bounded: %s',
    async fault => expect((await post(`/faults/${fault}`)).status).toBe(422),
  )

  test('delay delays its own answer and no other', async () => {
    const started = performance.now()
    await post('/faults/delay/200')
    expect(performance.now() - started).toBeGreaterThanOrEqual(199)
    const client = new AbortController()
    const late = get('/faults/delay/10000', { method: 'POST', signal: client.signal })
    await untilInFlight(service.metricsUrl)
    const meanwhile = get(PATH).then(({ status }) => status)
    expect(await Promise.race([late, meanwhile])).toBe(200)
    client.abort()
    expect(late).rejects.toThrow()
  })

  test('block delays every answer', async () => {
    const started = performance.now()
    const [, meanwhile] = await Promise.all([post('/faults/block/300'), Bun.sleep(50).then(() => get('/livez'))])
    expect(meanwhile.status).toBe(200)
    expect(performance.now() - started).toBeGreaterThanOrEqual(299)
  })

  test('memory is held, and released', async () => {
    const resident = () => process.memoryUsage.rss() / 2 ** 20
    const before = resident()
    await post('/faults/memory/200')
    expect(resident() - before).toBeGreaterThan(150)
    await post('/faults/memory/0')
    Bun.gc(true)
    expect(resident() - before).toBeLessThan(150)
  })

  test('unready makes the service unready, but keeps it alive, until the fault ends', async () => {
    await post('/faults/unready/60')
    expect((await get('/readyz')).status).toBe(503)
    expect((await get('/livez')).status).toBe(200)
    expect((await get('/startupz')).status).toBe(200)
    await post('/faults/unready/0')
    expect((await get('/readyz')).status).toBe(200)
  })
})

describe('the metrics port', () => {
  test.each([
    ['GET', '/metrics', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['GET', '/', 404],
    ['GET', PATH, 404],
  ])('%s %s: %d', async (method, path, status) => {
    expect((await fetch(new URL(path, service.metricsUrl).href, { method })).status).toBe(status)
  })

  test('is the only port with metrics', async () => {
    expect((await get('/metrics')).status).toBe(404)
    const response = await fetch(service.metricsUrl)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })
})

test('draining: the service is not ready, is alive, and answers requests in flight', async () => {
  const own = await start({ FAULTS: 'on', READINESS_DELAY_SECONDS: '2' })
  const slow = fetch(`${own.url}/faults/delay/2500`, { method: 'POST' })
  await untilInFlight(own.metricsUrl)
  const drained = own.drain()
  expect((await fetch(`${own.url}/readyz`)).status).toBe(503)
  expect((await fetch(`${own.url}/livez`)).status).toBe(200)
  expect((await slow).status).toBe(200)
  expect(await drained).toBe(0)
  expect(fetch(own.url)).rejects.toThrow()
  expect(fetch(own.metricsUrl)).rejects.toThrow()
})

test('draining: an answer tells its client to close the connection, and closes it', async () => {
  const own = await start({ READINESS_DELAY_SECONDS: '30' })
  const { hostname, port } = new URL(own.url)
  const socket = connect(Number(port), hostname)
  const answers: string[] = []
  socket.on('data', bytes => answers.push(`${bytes}`))
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  async function ask(path: string): Promise<string | undefined> {
    const asked = answers.length
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`)
    while (answers.length === asked) await Bun.sleep(5)
    return answers.at(-1)
  }
  for (const path of [PATH, '/nope', '/readyz']) expect(await ask(path)).not.toMatch(/^connection: close\r$/im)

  own.drain() // ends long after this test
  expect(await ask(PATH)).toMatch(/^HTTP\/1\.1 200 .*^connection: close\r$/ims)
  await closed
  for (const path of ['/nope', '/readyz']) expect((await fetch(own.url + path)).headers.get('connection')).toBe('close')
  await own.close()
})

test('draining cuts requests that do not end in time, and counts them', async () => {
  const own = await start({ FAULTS: 'on', DRAIN_TIMEOUT_SECONDS: '0.2' })
  const endless = fetch(`${own.url}/faults/delay/10000`, { method: 'POST' })
  endless.catch(() => {})
  await untilInFlight(own.metricsUrl)
  expect(await own.drain()).toBe(1)
  expect(endless).rejects.toThrow()
})

describe('Bun answers by itself, uncounted, as docs/reference/service.md says', () => {
  const ask = (line: string, headers = '') => `${line} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`
  const counted = async () => {
    const all = [...(await scrape(service.metricsUrl))]
    return all.filter(([series]) => series.startsWith(catalogue.requests.name)).reduce((sum, [, n]) => sum + n, 0)
  }

  test.each([
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', [400]],
    ['a malformed request line', 'garbage\r\n\r\n', [400]],
    ['a malformed length', ask('GET /', 'content-length: abc\r\n'), [400]],
    ['two lengths', `${ask('POST /', 'content-length: 5\r\ntransfer-encoding: chunked\r\n')}0\r\n\r\n`, [400]],
    ['OPTIONS *', ask('OPTIONS *'), [400]],
    ['a body announced as too large', ask('POST /', 'content-length: 65537\r\n'), [413]],
    ['large headers', ask('GET /', `a: ${'x'.repeat(20_000)}\r\n`), [431]],
    ['a long path', ask(`GET /${'x'.repeat(20_000)}`), [431]],
    ['another version', 'GET / HTTP/2.0\r\nhost: a\r\n\r\n', [505]],
    ['a space in the path', ask('GET /a 7'), [505]],
    ['a tab in the path', ask('GET /a\t7'), [505]],
    ['a made-up method', ask('FOO /'), []],
    ['a lower-case method', ask('get /'), []],
  ])('%s', async (_, request, expected) => {
    const before = await counted()
    expect(statuses(await exchange(service.url, request))).toEqual(expected)
    expect(await counted()).toBe(before)
  })

  test('a body of just 64 kB is not refused', async () => {
    const body = 'x'.repeat(65_536)
    const answer = await exchange(service.url, `${ask('POST /faults/block/0', 'content-length: 65536\r\n')}${body}`)
    expect(statuses(answer)).toEqual([200])
  })
})

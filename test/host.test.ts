import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { networkInterfaces } from 'node:os'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { scrape } from '../lib/exposition.ts'
import { fromSource, type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { exchange, statuses } from './raw.ts'

let service: ServiceProcess
beforeAll(async () => {
  service = await startProcess(fromSource('src/main.ts'))
})
afterAll(() => service.stop())

const PATH = SERVICE_CONFIG.probe.path
const OLD = `GET ${PATH} HTTP/1.0\r\n\r\n`
const withHost = (host: string, path = PATH) => `GET ${path} HTTP/1.1\r\nHost:${host}\r\n\r\n`

describe('a request', () => {
  test.each([
    ['of HTTP/1.0 without Host', OLD],
    ['with a port', withHost(' a:80')],
    ['with an empty port', withHost(' a:')],
    ['to an IPv6 address', withHost(' [::1]:3000')],
    ['with an underscore', withHost(' a_b.c-d')],
  ])('%s is answered by its route', async (_, request) => {
    const answer = await exchange(service.url, request, 1)
    expect(statuses(answer)).toEqual([200])
    expect(answer).toEndWith(await (await fetch(service.url + PATH)).text())
  })

  test.each(['', ' ', ' a b', ' a:99999', ' a:b', ' a/b', ' a@b', ' a?b', ' a#b', ' a\\b', ' [::1', ' \u00e9'])(
    'with Host:%j is refused with 400, and counted',
    async host => {
      const series = 'http_requests_total{method="GET",route="unmatched",status_code="400"}'
      const before = (await scrape(service.metricsUrl)).get(series) ?? 0
      for (const path of [PATH, `/aaaaaa${PATH}`])
        expect(statuses(await exchange(service.url, withHost(host, path), 1))).toEqual([400])
      expect((await scrape(service.metricsUrl)).get(series)).toBe(before + 2)
    },
  )

  test('of HTTP/1.0 for a path that looks like a host is none', async () => {
    expect(statuses(await exchange(service.url, `GET //a${PATH} HTTP/1.0\r\n\r\n`, 1))).toEqual([404])
  })
})

test('the port of the metrics answers HTTP/1.0, and refuses an invalid Host', async () => {
  const { origin } = new URL(service.metricsUrl)
  const old = await exchange(origin, 'GET /metrics HTTP/1.0\r\n\r\n', 1)
  expect(statuses(old)).toEqual([200])
  for (const host of [' a b', ' a:99999', ''])
    expect(statuses(await exchange(origin, withHost(host, '/metrics'), 1))).toEqual([400])
})

test('nothing but JSON lines leaves the process', async () => {
  const child = Bun.spawn([process.execPath, 'src/main.ts'], {
    env: { ...process.env, PORT: '0', METRICS_PORT: '0', READINESS_DELAY_SECONDS: '0' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let out = ''
  const reading = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) out += chunk
  })()
  while (!out.includes('"listening"')) await Bun.sleep(10)
  const { url, metrics } = JSON.parse(out.split('\n').find(line => line.includes('"listening"')) as string)
  for (const origin of [url, new URL(metrics).origin])
    for (const request of [
      OLD,
      withHost(' a b'),
      withHost(' a:99999'),
      'GET /%zz HTTP/1.0\r\n\r\n',
      'GET //[ HTTP/1.0\r\n\r\n',
    ])
      await exchange(origin, request, 1)
  child.kill('SIGTERM')
  const [err] = await Promise.all([child.stderr.text(), child.exited, reading])
  expect(err).toBe('')
  for (const line of out.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
})

const IPV6 = Object.values(networkInterfaces()).some(addresses => addresses?.some(({ address }) => address === '::1'))
if (!IPV6) console.warn('SKIPPED: a request to [::1]: this machine has no IPv6, as in a container by default')
test('HOST=:: listens on both families', async () => {
  const both = await startProcess(fromSource('src/main.ts'), { HOST: '::' })
  const { port } = new URL(both.url)
  for (const host of ['127.0.0.1', ...(IPV6 ? ['[::1]'] : [])])
    expect((await fetch(`http://${host}:${port}${PATH}`)).status).toBe(200)
  await both.stop()
})

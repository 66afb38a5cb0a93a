import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { scrape } from '../lib/exposition.ts'
import { collect } from '../lib/process.ts'
import { compiled, fromSource, startProcess } from '../lib/service-process.ts'
import { version } from '../package.json'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { untilInFlight } from './exposition.ts'
import { exchange, statuses } from './raw.ts'
import { seriesOf } from './series.ts'

const NAME = SERVICE_CONFIG.name
const PATH = SERVICE_CONFIG.probe.path

describe.each([
  ['from source', () => fromSource('src/main.ts')],
  ['compiled', () => compiled('src/main.ts')],
] as const)('%s', (_, build) => {
  let command: string[]
  beforeAll(async () => {
    command = await build()
  }, 60_000)

  test('--help and --version print their text and exit', async () => {
    const help = await collect([...command, '--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('READINESS_DELAY_SECONDS')
    expect(await collect([...command, '--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test.each([['--port'], ['--port=1'], ['-x'], ['serve']])(
    'an unknown argument ends the service with exit code 2 and one line: %s',
    async argument => {
      const { code, out, err } = await collect([...command, argument])
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(new RegExp(`^${NAME}: [^\\n]+; try --help\\n$`))
      expect(err).toContain(argument.split('=')[0] as string)
    },
  )

  test('a bad value ends the service with exit code 2 and one line', async () => {
    expect(await collect(command, { env: { ...process.env, PORT: 'abc' } })).toEqual({
      code: 2,
      out: '',
      err: `${NAME}: PORT: "abc" is not accepted; it takes an integer from 0 to 65535 (0: any free one)\n`,
    })
  })

  test.each(['PORT', 'METRICS_PORT'])('a %s in use ends the service with exit code 1 and one line', async variable => {
    using taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
    const { code, out, err } = await collect(command, {
      env: { ...process.env, PORT: '0', METRICS_PORT: '0', [variable]: `${taken.port}` },
    })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(
      `${NAME}: ${variable}: port ${taken.port} of 127.0.0.1 is in use; set HOST or ${variable} to another\n`,
    )
  })

  test('a foreign host ends the service with exit code 1 and one line', async () => {
    const env = { ...process.env, HOST: '203.0.113.1', PORT: '0', METRICS_PORT: '0' } // RFC 5737: nobody's
    const { code, err } = await collect(command, { env })
    expect(code).toBe(1)
    expect(err).toMatch(
      new RegExp(`^${NAME}: METRICS_PORT: port 0 of 203\\.0\\.113\\.1 cannot be listened on [^\\n]+\\n$`),
    )
  })

  test('SIGTERM drains: the service turns not ready, answers requests in flight, and exits with 0', async () => {
    const service = await startProcess(command, { READINESS_DELAY_SECONDS: '2' })
    const slow = fetch(`${service.url}/faults/delay/2500`, { method: 'POST' })
    await untilInFlight(service.metricsUrl)
    service.signal('SIGTERM')
    await service.logged('draining')
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${service.url}/livez`)).status).toBe(200)
    const meanwhile = await fetch(`${service.url}${PATH}`)
    expect(meanwhile.status).toBe(200)
    expect(meanwhile.headers.get('connection')).toBe('close')
    expect((await slow).status).toBe(200)
    expect(await service.exited).toBe(0)
    expect((await service.logged('drained')).cut).toBe(0)
  })

  test('a second signal ends the service at once', async () => {
    const service = await startProcess(command, { READINESS_DELAY_SECONDS: '60' })
    service.signal('SIGTERM')
    await service.logged('draining')
    service.signal('SIGINT')
    expect(await service.exited).toBe(1)
    await service.logged('second signal: exiting at once')
  })

  test('the crash fault ends the service by an uncaught exception', async () => {
    const service = await startProcess(command)
    expect((await fetch(`${service.url}/faults/crash`, { method: 'POST' })).status).toBe(200)
    expect(await service.exited).toBe(1)
    expect(await service.logged('uncaught exception')).toMatchObject({
      level: 'fatal',
      err: { message: 'crash requested by /faults/crash' },
    })
  })

  test('an exception is logged with its stack and the id that the client got', async () => {
    const service = await startProcess(command)
    const response = await fetch(`${service.url}/faults/exception`, { method: 'POST' })
    const line = await service.logged('exception')
    expect(line).toMatchObject({ level: 'error', route: '/faults/exception', err: { type: 'Error' } })
    expect(line.requestId).toBe(response.headers.get('x-request-id'))
    expect((line.err as { stack: string }).stack).toContain('faults')
    await service.stop()
  })

  test('a closed standard output does not end the service', async () => {
    const child = Bun.spawn(['sh', '-c', '"$0" "$@" | head -n 1', ...command], {
      env: { ...process.env, PORT: '0', METRICS_PORT: '0' },
      stdout: 'pipe',
      stderr: 'inherit',
      detached: true, // a process group of its own, to end the service too
    })
    const { value } = await child.stdout.getReader().read() // head ends after its one line, and with it the pipe
    const { url } = JSON.parse(new TextDecoder().decode(value)) as { url: string }
    for (let i = 0; i < 20; i++) expect((await fetch(`${url}${PATH}`)).status).toBe(200)
    process.kill(-child.pid, 'SIGKILL')
  })
})

describe('a running service', () => {
  let service: Awaited<ReturnType<typeof startProcess>>
  beforeAll(async () => {
    service = await startProcess(fromSource('src/main.ts'), { LOG_LEVEL: 'info' })
  })
  afterAll(() => service.stop())

  test('100,000 paths and every method make no series beyond unmatched and _OTHER', async () => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'CONNECT']
    const unusual = ['PROPFIND', 'MKCOL', 'PURGE', 'QUERY', 'LINK', 'LOCK', 'SEARCH', 'REPORT', 'NOTIFY']
    const ask = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nhost: a\r\n\r\n`
    const series = async () =>
      [...(await scrape(service.metricsUrl)).keys()].filter(name => name.startsWith(catalogue.requests.name))

    await exchange(service.url, [...methods, ...unusual].map(method => ask(method, '/x')).join(''))
    const before = await series()
    expect(before.filter(name => name.includes('_OTHER'))).toEqual([
      seriesOf(catalogue.requests, { method: '_OTHER', route: 'unmatched', status: 404 }),
    ])

    const answered: number[] = []
    for (let from = 0; from < 100_000; from += 1000) {
      const paths = Array.from({ length: 1000 }, (_, i) =>
        ask(unusual[i % 20] ?? 'GET', `/${from + i}/${'x'.repeat(i % 7)}`),
      )
      answered.push(...statuses(await exchange(service.url, paths.join(''), 1000)))
    }
    expect(answered).toHaveLength(100_000)
    expect(new Set(answered)).toEqual(new Set([404]))
    expect(await series()).toEqual(before)
  }, 120_000)
})

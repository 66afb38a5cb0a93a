// Copies src/telemetry into empty projects, and counts requests to the programs of its README over real connections.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { scrape } from '../lib/exposition.ts'
import { runProgram } from '../lib/process.ts'
import { type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { dependencies } from '../package.json'
import { CLIENT_CLOSED_REQUEST, catalogue } from '../src/telemetry/catalogue.ts'
import { expectCountedOnce, type Row } from './counted-once.ts'
import { seriesOf } from './series.ts'

const TELEMETRY = resolve(import.meta.dir, '../src/telemetry')
const HONO = '4.13.19'
const INSTALL_TIMEOUT_MS = 120_000

const unmatched = { route: 'unmatched' }
const hello = { route: '/hello/:name' }
const ROWS: Row[] = [
  { case: 'an answer', path: '/hello/a', sees: 200, counted: hello },
  { case: 'a query string', path: '/hello/a?b=/c', sees: 200, counted: hello },
  { case: 'HEAD', method: 'HEAD', path: '/hello/a', sees: 200, counted: hello },
  { case: 'an unknown path', path: '/wp-login.php', sees: 404, counted: unmatched },
  { case: 'HEAD of an unknown path', method: 'HEAD', path: '/wp-login.php', sees: 404, counted: unmatched },
  {
    case: 'an unusual method',
    method: 'PROPFIND',
    path: '/nothing',
    sees: 404,
    counted: { ...unmatched, method: '_OTHER' },
  },
  { case: 'an exception', path: '/hello/nobody', sees: 500, counted: hello, exception: 'TypeError' },
  { case: 'a late answer', path: '/hello/snail', sees: 200, counted: hello },
  {
    case: 'a client that closes the connection',
    path: '/hello/snail',
    hangsUp: 'waiting',
    counted: { ...hello, status: CLIENT_CLOSED_REQUEST },
  },
]

/** The programs of the README, by the name of their file. */
async function programs(): Promise<ReadonlyMap<string, string>> {
  const text = await Bun.file(join(TELEMETRY, 'README.md')).text()
  return new Map(
    [...text.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, file = '', code = '']) => [file, code]),
  )
}

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telemetry-'))
  await cp(TELEMETRY, join(folder, 'telemetry'), { recursive: true, filter: file => !file.endsWith('.test.ts') })
  const { pino, 'prom-client': promClient } = dependencies
  const project = { type: 'module', dependencies: { pino, 'prom-client': promClient, hono: HONO } }
  await Bun.write(join(folder, 'package.json'), JSON.stringify(project))
  for (const [file, code] of await programs()) await Bun.write(join(folder, file), code)
  await runProgram([process.execPath, 'install', '--silent'], { cwd: folder })
}, INSTALL_TIMEOUT_MS)

describe.each(['bun.ts', 'hono.ts'])('%s', program => {
  let service: ServiceProcess
  beforeAll(async () => {
    service = await startProcess([process.execPath, join(folder, program)])
  })
  afterAll(() => service?.stop())

  test('declares its route at zero', async () => {
    const seen = await scrape(service.metricsUrl)
    for (const status of [200, 500])
      expect(seen.get(seriesOf(catalogue.requests, { method: 'GET', route: hello.route, status }))).toBe(0)
    expect(seen.get(catalogue.requestsInFlight.name)).toBe(0)
  })

  test.each(ROWS)('$case is counted once', row => expectCountedOnce(service, row))

  test('the exception is logged, and each request', () => {
    const messages = service.log.map(({ msg }) => msg)
    expect(messages.filter(message => message === 'exception')).toHaveLength(1)
    expect(messages.filter(message => message === 'request')).toHaveLength(ROWS.length)
  })
})

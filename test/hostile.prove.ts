// Broken and malicious clients, in two identical rounds: a leak shows in the second.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import pLimit from 'p-limit'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { scrape } from '../lib/exposition.ts'
import { fromSource, type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { type ApiDocument, invalidRequests, mangledRequests } from './malformed-requests.ts'
import { exchange, statuses } from './raw.ts'

const SEED = Number(process.env.SEED || 1)
const PATH = SERVICE_CONFIG.probe.path
const WELL_FORMED = `GET ${PATH} HTTP/1.1\r\nhost: a\r\n\r\n`
/** Malformed requests of each kind in a round, and how many are sent at a time. */
const MALFORMED = 5000
const AT_A_TIME = 100

let service: ServiceProcess
let document: ApiDocument
/** Number of the application's answers by status, as clients saw them. Answers of Bun itself have no request id. */
let seen: Map<number, number>

beforeAll(async () => {
  service = await startProcess(fromSource('src/main.ts'), { FAULTS: 'off', LOG_LEVEL: 'info' })
  const { paths } = (await (await fetch(`${service.url}/swagger/json`)).json()) as ApiDocument
  // Requests for probes are not counted.
  document = { paths: Object.fromEntries(Object.entries(paths).filter(([path]) => !/z$/.test(path))) }
})
afterAll(() => service.stop())

const note = (answer: string) => {
  for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?x-request-id:/gi))
    seen.set(Number(status), (seen.get(Number(status)) ?? 0) + 1)
}

/** Number of requests by status, as the service counted them. */
async function counted(): Promise<Map<number, number>> {
  const { name, labels } = catalogue.requests
  const all = new Map<number, number>()
  for (const [series, value] of await scrape(service.metricsUrl)) {
    const status = new RegExp(`^${name}\\{.*${labels.status}="(\\d+)"`).exec(series)?.[1]
    if (status !== undefined) all.set(Number(status), (all.get(Number(status)) ?? 0) + value)
  }
  return all
}

const figure = async (name: string) => (await scrape(service.metricsUrl)).get(name) ?? Number.NaN

/** Sends valid requests one after another during `work`; every answer must be 200. Returns the number of answers. */
async function whileAsking(work: () => Promise<unknown>): Promise<number> {
  let [going, answered] = [true, 0]
  const asking = (async () => {
    for (; going; await Bun.sleep(20)) {
      const { status } = await fetch(`${service.url}${PATH}`, { signal: AbortSignal.timeout(10_000) })
      expect(status).toBe(200)
      answered++
      seen.set(200, (seen.get(200) ?? 0) + 1)
    }
  })()
  await work()
  going = false
  await asking
  return answered
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<unknown>, atATime = AT_A_TIME): Promise<void> {
  await pLimit(atATime).map(all, work)
}

/** Sends the generated requests and counts their answers. */
const sendAll = (requests: fc.Arbitrary<string>, seed: number, atATime?: number) =>
  each(
    fc.sample(requests, { seed, numRuns: MALFORMED }),
    async text => note(await exchange(service.url, text, undefined, 2000)),
    atATime,
  )

/** Opens a connection that keeps what it receives and ignores errors, such as that the server closes it. */
function open(): Socket & { answer: string } {
  const { hostname, port } = new URL(service.url)
  const socket = Object.assign(connect(Number(port), hostname), { answer: '' })
  socket.setEncoding('latin1')
  socket.on('data', text => {
    socket.answer += text
  })
  socket.on('error', () => {})
  return socket
}

/** Sends a request one byte at a time, and expects one answer. */
async function dribble(text: string): Promise<void> {
  const socket = open()
  for (const byte of text) {
    socket.write(byte)
    await Bun.sleep(10)
  }
  await Bun.sleep(500)
  note(socket.answer)
  expect(statuses(socket.answer)).toHaveLength(1)
  socket.destroy()
}

/** Requests the largest file, reads nothing for a second, then all of it. */
async function readLate(): Promise<void> {
  const socket = open()
  socket.pause()
  socket.write('GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  await Bun.sleep(1000)
  const closed = new Promise(resolve => socket.on('close', resolve))
  socket.resume()
  await closed
  note(socket.answer)
  const length = Number(/content-length: (\d+)/i.exec(socket.answer)?.[1])
  expect(socket.answer.length - socket.answer.indexOf('\r\n\r\n') - 4).toBe(length)
}

/** What clients have sent when they hang up. */
const HANG_UPS = [
  '',
  'GET /fac',
  `GET ${PATH} HTTP/1.1\r\nhos`,
  'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf',
  WELL_FORMED,
  'GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nhost: a\r\n\r\n',
  WELL_FORMED.repeat(3), // pipelined requests that are not answered at once: Bun closes the connection
]

/** What clients do in a round, one after another. */
const ROUND: readonly (readonly [what: string, work: () => Promise<unknown>])[] = [
  ['requests that the document does not allow', () => sendAll(invalidRequests(document), SEED)],
  ['requests with changed bytes', () => sendAll(mangledRequests(document), SEED + 1, 3 * AT_A_TIME)],
  [
    '500 half-open connections',
    async () => {
      const parts = ['', 'GE', 'GET / HTTP/1.1\r\nhost: a\r\n']
      const sockets = Array.from({ length: 500 }, (_, i) => {
        const socket = open()
        socket.write(parts[i % parts.length] as string)
        return socket
      })
      await Bun.sleep(2000)
      for (const socket of sockets) socket.destroy()
    },
  ],
  ['slow headers', () => each(Array(20).fill(WELL_FORMED), dribble)],
  [
    'slow bodies',
    () => each(Array(20).fill('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nslow body'), dribble),
  ],
  ['slow readers', () => each(Array(20).fill(0), readLate)],
  [
    'pipelined requests that are answered at once',
    async () => {
      const paths = Array.from({ length: 100 }, () => ['/', '/nowhere']).flat()
      const answer = await exchange(
        service.url,
        paths.map(path => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''),
        paths.length,
      )
      note(answer)
      expect(statuses(answer)).toEqual(paths.map(path => (path === '/' ? 200 : 404)))
    },
  ],
]

const rss: number[] = []

test.each([1, 2])(
  'round %d: every answer is counted, none is a 5xx, and valid requests are answered',
  async round => {
    seen = new Map()
    const before = await counted()
    for (const [what, work] of ROUND) {
      const answered = await whileAsking(work)
      expect({ what, answered: answered > 0 }).toEqual({ what, answered: true })
    }
    const after = await counted()
    const rises = [...after]
      .map(([status, n]) => [status, n - (before.get(status) ?? 0)] as const)
      .filter(([, n]) => n > 0)
    expect(new Map(rises.sort())).toEqual(new Map([...seen].sort()))
    expect(rises.filter(([status]) => status >= 500)).toEqual([])
    expect(rises.length).toBeGreaterThan(3)

    // No client reads the answers after a hang-up, so the counts are not compared; none may be a 5xx.
    const answered = await whileAsking(() =>
      each(Array.from({ length: 100 }, () => HANG_UPS).flat(), async text => {
        const socket = open()
        socket.write(text)
        await Bun.sleep(5)
        socket.destroy()
      }),
    )
    expect(answered).toBeGreaterThan(0)
    await Bun.sleep(1000)
    expect(await figure(catalogue.requestsInFlight.name)).toBe(0)
    const failed = [...(await counted())].filter(([status, n]) => status >= 500 && n > 0)
    expect(failed).toEqual([])
    const { name } = catalogue.exceptions
    const thrown = [...(await scrape(service.metricsUrl))].filter(([series, n]) => series.startsWith(name) && n > 0)
    expect(thrown).toEqual([])
    rss.push(await figure(catalogue.residentMemory.name))
    console.log(
      `round ${round}: ${[...seen]
        .sort()
        .map(([status, n]) => `${n} times ${status}`)
        .join(', ')}`,
    )
  },
  120_000,
)

test('the second round leaves at most a tenth more in memory than the first', () => {
  const [first, second] = rss as [number, number]
  console.log(`resident: ${rss.map(bytes => `${(bytes / 1e6).toFixed(0)} MB`).join(', then ')}`)
  expect(second / first).toBeLessThan(1.1)
})

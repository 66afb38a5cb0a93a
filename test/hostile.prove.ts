// Clients that are broken, or mean it. Two rounds of the same, so that what is not given back shows.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { scrape } from './exposition.ts'
import { type Document, fromDocument, mangled, randomOf } from './fuzz.ts'
import { fromSource, type ServiceProcess, startProcess } from './process.ts'
import { exchange, statuses } from './raw.ts'

const SEED = Number(process.env.SEED || 1)
const WELL_FORMED = 'GET /factors/97 HTTP/1.1\r\nhost: a\r\n\r\n'
const MALFORMED = 5000
/** Of the malformed ones, how many at a time. */
const AT_A_TIME = 100

let service: ServiceProcess
let document: Document
/** Answers of the application by their status, as clients saw them; what Bun refuses by itself has no id. */
let seen: Map<number, number>

beforeAll(async () => {
  service = await startProcess(fromSource('src/main.ts'), { FAULTS: 'off', LOG_LEVEL: 'info' })
  const { paths } = (await (await fetch(`${service.url}/swagger/json`)).json()) as Document
  // probes are not traffic, and so not counted
  document = { paths: Object.fromEntries(Object.entries(paths).filter(([path]) => !/z$/.test(path))) }
})
afterAll(() => service.stop())

const note = (answer: string) => {
  for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?x-request-id:/gi))
    seen.set(Number(status), (seen.get(Number(status)) ?? 0) + 1)
}

/** Requests that the service has counted, by their status. */
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

/** Asks as it should be done, all the time, while others do what they do; how often it was answered with 200. */
async function whileAsking(work: () => Promise<unknown>): Promise<number> {
  let [going, answered] = [true, 0]
  const citizen = (async () => {
    for (; going; await Bun.sleep(20)) {
      const { status } = await fetch(`${service.url}/factors/97`, { signal: AbortSignal.timeout(10_000) })
      expect(status).toBe(200)
      answered++
      seen.set(200, (seen.get(200) ?? 0) + 1)
    }
  })()
  await work()
  going = false
  await citizen
  return answered
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<unknown>, atATime = AT_A_TIME): Promise<void> {
  const left = [...all]
  const next = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one)
  }
  await Promise.all(Array.from({ length: atATime }, next))
}

/** A connection; what it gets is kept, and that it is closed is no error. */
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

/** Writes a byte at a time. */
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

/** Asks for the largest file and reads nothing for a while, then all of it. */
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

/** Every way of going away in the middle of it. */
const HANG_UPS = [
  '',
  'GET /fac',
  'GET /factors/97 HTTP/1.1\r\nhos',
  'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf',
  WELL_FORMED,
  'GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nhost: a\r\n\r\n',
  WELL_FORMED.repeat(3), // pipelining of what is not answered at once: Bun closes the connection
]

/** All that is done to the service in a round, and answered. */
const ROUND: readonly (readonly [what: string, work: () => Promise<unknown>])[] = [
  [
    'requests that the document does not allow',
    () => {
      const random = randomOf(SEED)
      const all = Array.from({ length: MALFORMED }, () => fromDocument(document, random))
      return each(all, async text => note(await exchange(service.url, text, undefined, 2000)))
    },
  ],
  [
    'requests whose bytes are mangled',
    () => {
      const random = randomOf(SEED + 1)
      const all = Array.from({ length: MALFORMED }, () => mangled(fromDocument(document, random), random))
      return each(all, async text => note(await exchange(service.url, text, undefined, 2000)), 3 * AT_A_TIME)
    },
  ],
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
    'pipelining of what is answered at once',
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
  'round %d: every answer is counted, none is a 5xx, and whoever asks as one should is answered',
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

    // nobody sees what is answered to those who have gone, so these are not compared; but none of it is a 5xx either
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

test('the second round leaves no more in memory than the first, within a tenth', () => {
  const [first, second] = rss as [number, number]
  console.log(`resident: ${rss.map(bytes => `${(bytes / 1e6).toFixed(0)} MB`).join(', then ')}`)
  expect(second / first).toBeLessThan(1.1)
})

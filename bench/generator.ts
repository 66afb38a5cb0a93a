/**
 * Load generator of the bench: asks for one URL over a number of connections, each of which sends its next request when its
 * last one is answered, and prints a `Run` (see measure.ts) as JSON.
 *
 * The generator has one core and must not be the limit, so a request must cost it less than the server: 9 µs of CPU here, 11 µs
 * in the server without telemetry; k6 2.2 takes 94 µs and autocannon 8, the fastest on npm, 33 µs.
 *
 * Usage: bun bench/generator.ts URL PID CONNECTIONS AMOUNT seconds|requests, where PID is that of the server
 */
import type { Run } from './measure.ts'
import { usage } from './proc.ts'

const OK = Buffer.from('HTTP/1.1 200')

interface Client {
  sentAt: number
  /** Bytes of the present answer that have not arrived; 0 where none has. */
  missing: number
}

const [url = '', pid = '', connections = '1', amount = '1', unit = 'seconds'] = Bun.argv.slice(2)
const { hostname, port, pathname, host } = new URL(url)
const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`
const before = usage(pid)
const begin = performance.now()

/** In milliseconds, one for each answer. */
const latencies: number[] = []
const limit = Number(amount)
const isOver = unit === 'seconds' ? () => performance.now() - begin >= 1000 * limit : () => latencies.length >= limit

/** Length of the last answer whose head was read. The answers are alike, and to read each head would make this the limit. */
let usualLength = 0

/** Length of an answer in bytes. Throws unless it is a 200 that says its length. */
function lengthOf(answer: Buffer): number {
  const headLength = answer.indexOf('\r\n\r\n') + 4
  const head = answer.toString('latin1', 0, headLength)
  const bodyLength = /content-length: (\d+)/i.exec(head)?.[1]
  if (!head.startsWith(`${OK}`) || bodyLength === undefined) throw new Error(`unexpected answer: ${answer}`)
  return headLength + Number(bodyLength)
}

function send(socket: Bun.Socket<Client>): void {
  socket.data.sentAt = performance.now()
  socket.write(request)
}

function receive(socket: Bun.Socket<Client>, chunk: Buffer): void {
  const { data: client } = socket
  if (client.missing === 0) {
    const isUsual = chunk.length === usualLength && OK.equals(chunk.subarray(0, OK.length))
    if (!isUsual) usualLength = lengthOf(chunk)
    client.missing = usualLength
  }
  client.missing -= chunk.length
  if (client.missing > 0) return
  latencies.push(performance.now() - client.sentAt)
  if (isOver()) socket.end()
  else send(socket)
}

function connect(): Promise<void> {
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>()
  const socket = {
    open: send,
    data: receive,
    close: () => (isOver() ? resolve() : reject(new Error('the server closed a connection'))),
    error: (_: unknown, error: Error) => reject(error),
  }
  Bun.connect<Client>({ hostname, port: Number(port), data: { sentAt: 0, missing: 0 }, socket }).catch(reject)
  return closed
}

await Promise.all(Array.from({ length: Number(connections) }, connect))
const seconds = (performance.now() - begin) / 1000
const after = usage(pid)
const sorted = Float64Array.from(latencies).sort()
const run: Run = {
  requests: sorted.length,
  seconds,
  p99: (sorted[Math.floor(0.99 * sorted.length)] ?? Number.NaN) / 1000,
  longest: (sorted.at(-1) ?? Number.NaN) / 1000,
  cpu: after.cpu - before.cpu,
  idle: after.idle - before.idle,
}
console.log(JSON.stringify(run))

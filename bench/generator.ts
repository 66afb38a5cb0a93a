// Asks for one path over so many connections, as fast as it is answered, and says what it saw. Run as a process of its own, on a
// core of its own: `bun generator.ts URL CONNECTIONS SECONDS`, or `… REQUESTS requests`.
const [url = '', connections = '1', amount = '1', unit = 'seconds'] = Bun.argv.slice(2)
const { hostname, port, pathname, host } = new URL(url)
const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n\r\n`
const limit = Number(amount)
const begin = performance.now()
const isOver = () => (unit === 'seconds' ? performance.now() - begin > limit * 1000 : answered >= limit)

/** Latencies in steps of 10 µs, the last one for all that take longer than a second. */
const steps = new Uint32Array(100_001)
let answered = 0
let longest = 0
let open = Number(connections)

interface Client {
  sent: number
  /** Bytes of the answer that are still to come; 0 before its head is there. */
  missing: number
}

/** Length of a whole answer, when it is known: each has the same. */
let whole = 0
const OK = Buffer.from('HTTP/1.1 200')
const isWhole = (chunk: Buffer) => chunk.length === whole && OK.equals(chunk.subarray(0, OK.length))

const { promise: over, resolve: end } = Promise.withResolvers<void>()
const send = (socket: Bun.Socket<Client>) => {
  socket.data.sent = performance.now()
  socket.write(request)
}
for (let i = 0; i < Number(connections); i++)
  await Bun.connect<Client>({
    hostname,
    port: Number(port),
    data: { sent: 0, missing: 0 },
    socket: {
      open: send,
      data(socket, chunk) {
        const { data } = socket
        if (data.missing === 0 && isWhole(chunk))
          data.missing = chunk.length // so that the server is the limit
        else if (data.missing === 0) {
          const head = chunk.indexOf('\r\n\r\n')
          const length = /content-length: (\d+)/i.exec(chunk.toString('latin1', 0, head))
          if (!chunk.toString('latin1', 0, 12).endsWith('200') || length === null)
            throw new Error(`not answered as it must be: ${chunk.toString('latin1')}`)
          data.missing = head + 4 + Number(length[1])
          whole = data.missing
        }
        data.missing -= chunk.length
        if (data.missing > 0) return
        const took = performance.now() - data.sent
        answered++
        longest = Math.max(longest, took)
        const step = Math.min(steps.length - 1, Math.floor(took * 100))
        steps[step] = (steps[step] ?? 0) + 1
        if (!isOver()) return send(socket)
        socket.end()
        if (--open === 0) end()
      },
      close: () => end(),
      error: (_, error) => {
        throw error
      },
    },
  })
await over

let [rank, p99] = [0, 0]
for (; rank < 0.99 * answered && p99 < steps.length; p99++) rank += steps[p99] ?? 0
console.log(
  JSON.stringify({
    requests: answered,
    seconds: (performance.now() - begin) / 1000,
    p99: p99 / 1e5,
    longest: longest / 1000,
  }),
)
process.exit(0)

export {} // a module, so that its names are its own

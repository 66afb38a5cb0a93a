import { connect } from 'node:net'

/**
 * Writes bytes to a server as they are, and returns all that it answers until it has given so many answers, has closed the
 * connection, or has been silent for a while: `patienceMs`, and 150 ms after an answer where the number is not known.
 */
export async function exchange(
  url: string,
  text: string,
  expected = Number.POSITIVE_INFINITY,
  patienceMs = 20_000,
): Promise<string> {
  const { hostname, port } = new URL(url)
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  let answer = ''
  let timer = setTimeout(end, patienceMs)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('latin1')
  socket.on('data', bytes => {
    answer += bytes
    clearTimeout(timer)
    if (statuses(answer).length >= expected) end()
    else timer = setTimeout(end, expected === Number.POSITIVE_INFINITY ? 150 : patienceMs)
  })
  socket.on('close', () => end())
  socket.on('error', () => end())
  socket.write(text)
  await over
  clearTimeout(timer)
  socket.destroy()
  return answer
}

/** The statuses of the answers in what a server sent over one connection. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

import { connect } from 'node:net'

/**
 * Sends a text to a server over one connection and returns the answers. Ends after the expected number of answers, when the
 * server closes the connection, or when it sends nothing for `patienceMs`; without an expected number, for 150 ms after an answer.
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

/** Statuses of the answers that a server sent over one connection. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

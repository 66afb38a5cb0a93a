import { expect, test } from 'bun:test'
import { createLogger, standardOutput } from './logger.ts'

/** A writer that notes what it is asked to do. `flush` takes until `flushed` is called. */
function fakeWriter() {
  const { promise, resolve } = Promise.withResolvers<number>()
  const writes: string[] = []
  const writer = { write: (chunk: unknown) => writes.push(`${chunk}`), flush: () => promise }
  return { writer, writes, flushed: () => resolve(0) }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test('the lines of a turn of the event loop are written at once, in their order', async () => {
  const { writer, writes } = fakeWriter()
  const log = createLogger('info', standardOutput(writer))
  log.info('one')
  log.warn({ n: 2 }, 'two')
  expect(writes).toEqual([])
  await turn()
  expect(writes).toHaveLength(1)
  const lines = `${writes[0]}`.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 'info', msg: 'one' },
    { level: 'warn', n: 2, msg: 'two' },
  ])
  log.info('three')
  await turn()
  expect(writes).toHaveLength(2)
})

test('flush writes the lines of this turn, and calls back when the writer has written all', async () => {
  const { writer, writes, flushed } = fakeWriter()
  const log = createLogger('info', standardOutput(writer))
  log.fatal('last')
  let called = false
  log.flush(() => {
    called = true
  })
  expect(writes.join('')).toContain('"msg":"last"')
  await turn()
  expect(called).toBe(false)
  flushed()
  await turn()
  expect(called).toBe(true)
})

test('the time of a line is the present one, to the millisecond', async () => {
  const lines: string[] = []
  const log = createLogger('info', { write: line => lines.push(line) })
  for (let i = 0; i < 5; i++) {
    const before = Date.now()
    log.info('tick')
    const { time } = JSON.parse(`${lines[i]}`)
    expect(time).toBe(new Date(time).toISOString())
    expect(Date.parse(time)).toBeWithin(before, Date.now() + 1)
    await Bun.sleep(2)
  }
})

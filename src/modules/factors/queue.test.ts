import { expect, test } from 'bun:test'
import { Queue } from './queue.ts'

/** A queue whose turns the test makes. */
function turnByTurn() {
  const turns: (() => void)[] = []
  return { queue: new Queue(callback => turns.push(callback)), turns, turn: () => turns.shift()?.() }
}

const forever = new AbortController().signal

test('runs one job a turn, in the order of arrival', () => {
  const { queue, turn, turns } = turnByTurn()
  const ran: number[] = []
  for (const n of [1, 2, 3]) queue.run(() => ran.push(n), forever)
  expect(ran).toEqual([])
  turn()
  expect(ran).toEqual([1])
  turn()
  turn()
  expect(ran).toEqual([1, 2, 3])
  expect(turns).toEqual([]) // idle: it asks for no more turns
})

test('resolves to what the job returns', async () => {
  expect(await new Queue().run(() => 42, forever)).toBe(42)
})

test('rejects with what the job throws, and goes on', async () => {
  const queue = new Queue()
  const failing = queue.run(() => {
    throw new RangeError('no')
  }, forever)
  const next = queue.run(() => 'next', forever)
  expect(failing).rejects.toThrow(RangeError)
  expect(await next).toBe('next')
})

test('never runs a job whose client has gone while it waited', async () => {
  const { queue, turn } = turnByTurn()
  const client = new AbortController()
  const ran: string[] = []
  queue.run(() => ran.push('first'), forever)
  const gone = queue.run(() => ran.push('gone'), client.signal)
  queue.run(() => ran.push('last'), forever)
  client.abort(new Error('hung up'))
  expect(gone).rejects.toThrow('hung up')
  turn()
  turn()
  expect(ran).toEqual(['first', 'last'])
})

test('never runs a job whose client had gone before', async () => {
  const { queue, turns } = turnByTurn()
  expect(queue.run(() => 1, AbortSignal.abort(new Error('hung up')))).rejects.toThrow('hung up')
  expect(turns).toEqual([])
})

test('lets the event loop turn between two jobs', async () => {
  const queue = new Queue()
  const order: string[] = []
  const jobs = [1, 2, 3].map(n => queue.run(() => order.push(`job ${n}`), forever))
  setImmediate(() => order.push('something else'))
  await Promise.all(jobs)
  expect(order.indexOf('something else')).toBeLessThan(order.indexOf('job 3'))
})

test('still runs one job a turn after all that waited have gone', () => {
  const { queue, turn, turns } = turnByTurn()
  const client = new AbortController()
  queue.run(() => 0, client.signal).catch(() => {})
  client.abort()
  queue.run(() => 1, forever)
  queue.run(() => 2, forever)
  expect(turns).toHaveLength(1)
  turn()
  expect(turns).toHaveLength(1)
})

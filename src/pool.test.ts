import { expect, test } from 'bun:test'
import { Pool } from './pool.ts'

const forever = new AbortController().signal

/** Connections that note in `closed` when they are closed. */
function connections() {
  const closed: number[] = []
  let opened = 0
  const connect = async () => {
    const id = ++opened
    return { id, [Symbol.asyncDispose]: async () => void closed.push(id) }
  }
  return { closed, connect }
}

/** Work that ends when the test says so. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { run: () => promise, resolve, reject }
}

test('serves as many callers as it has connections, and the others in the order of arrival', async () => {
  const { connect } = connections()
  const pool = await Pool.open(2, connect)
  const all = [work(), work(), work(), work()] as const
  const done = all.map(({ run }) => pool.use(run, forever))
  expect([pool.busy, pool.waiting]).toEqual([2, 2])
  all[1].resolve('second')
  expect(await done[1]).toBe('second')
  expect([pool.busy, pool.waiting]).toEqual([2, 1])
  all[2].resolve('third')
  expect(await done[2]).toBe('third')
  all[3].resolve('fourth')
  all[0].resolve('first')
  await Promise.all(done)
  expect([pool.busy, pool.waiting]).toEqual([0, 0])
})

test('gives a connection back when the work fails', async () => {
  const pool = await Pool.open(1, connections().connect)
  expect(pool.use(() => Promise.reject(new RangeError('no')), forever)).rejects.toThrow(RangeError)
  expect(await pool.use(async ({ id }) => id, forever)).toBe(1)
})

test('a caller that has gone does not get a connection', async () => {
  const pool = await Pool.open(1, connections().connect)
  const first = work()
  const served = pool.use(first.run, forever)
  const client = new AbortController()
  const gone = pool.use(() => Promise.reject(new Error('was served')), client.signal)
  client.abort(new Error('hung up'))
  expect(gone).rejects.toThrow('hung up')
  expect(pool.waiting).toBe(0)
  first.resolve('')
  await served
})

test('closes every connection and serves nobody any more', async () => {
  const { closed, connect } = connections()
  const pool = await Pool.open(2, connect)
  const busy = work()
  const served = pool.use(busy.run, forever)
  pool.use(busy.run, forever)
  const waiting = pool.use(busy.run, forever)
  await pool[Symbol.asyncDispose]()
  expect(waiting).rejects.toThrow('The pool is closed.')
  expect(pool.use(busy.run, forever)).rejects.toThrow('The pool is closed.')
  expect(closed).toEqual([1, 2])
  busy.resolve('')
  await served
})

test('leaves no connection open when one cannot be opened', async () => {
  const { closed, connect } = connections()
  const second = async () => {
    const connection = await connect()
    if (connection.id === 2) throw new Error('no more connections')
    return connection
  }
  expect((await Pool.open(3, second).catch(error => error)).message).toBe('no more connections')
  expect(closed).toEqual([1, 3])
})

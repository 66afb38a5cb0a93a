import { expect, test } from 'bun:test'
import { every, poll } from './poll.ts'

/** Returns a function that returns the answers one by one, and the last answer from then on. */
function answering<T>(...answers: T[]) {
  const ask = () => {
    ask.count++
    return (answers.length > 1 ? answers.shift() : answers[0]) as T
  }
  ask.count = 0
  return ask
}
const quickly = { timeoutSeconds: 30, intervalSeconds: 0.001 }

test('the first answer that is neither false nor undefined is returned', async () => {
  const ask = answering<string | false | undefined>(undefined, false, 'yes')
  expect(await poll(ask, quickly)).toBe('yes')
  expect(ask.count).toBe(3)
})

test.each([0, '', null])('%j is an answer', async answer => {
  expect(await poll<unknown>(answering<unknown>(undefined, answer), quickly)).toBe(answer as never)
})

test('an answer may be a promise', async () => {
  const ask = answering<string | false>(false, 'late')
  expect(await poll(async () => ask(), quickly)).toBe('late')
})

test('after the timeout the result is undefined; without time, one answer is asked for', async () => {
  const ask = answering(false)
  expect(await poll(ask, { timeoutSeconds: 0 })).toBeUndefined()
  expect(ask.count).toBe(1)
  const start = performance.now()
  expect(await poll(ask, { timeoutSeconds: 0.05, intervalSeconds: 0.01 })).toBeUndefined()
  expect(performance.now() - start).toBeGreaterThanOrEqual(45)
  expect(ask.count).toBeGreaterThanOrEqual(3)
})

test('an error of the question is thrown', async () => {
  const fail = () => Promise.reject(new Error('broken'))
  await expect(poll(fail, quickly)).rejects.toThrow('broken')
})

test('aborting throws the reason of the signal, also in an interval; nothing is asked afterwards', async () => {
  const stop = new AbortController()
  const ask = answering(false)
  const polling = poll(ask, { timeoutSeconds: 30, intervalSeconds: 30, signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(polling).rejects.toThrow('enough')
  await expect(poll(ask, { ...quickly, signal: stop.signal })).rejects.toThrow('enough')
  expect(ask.count).toBe(1)
})

test('what is repeated goes on after an error, and ends when it is stopped', async () => {
  const errors: string[] = []
  let looks = 0
  const look = async () => {
    looks++
    throw new Error(`look ${looks}`)
  }
  const stop = every(0.001, look, ({ message }) => errors.push(message))
  expect(await poll(() => looks >= 3, { timeoutSeconds: 30, intervalSeconds: 0.001 })).toBe(true)
  stop()
  const seen = looks
  await Bun.sleep(20)
  expect(looks).toBe(seen)
  expect(errors.slice(0, 2)).toEqual(['look 1', 'look 2'])
})

test('an error of a look that was stopped meanwhile is not reported', async () => {
  const errors: unknown[] = []
  const { promise, reject } = Promise.withResolvers<void>()
  every(
    0.001,
    () => promise,
    error => errors.push(error),
  )()
  reject(new Error('too late'))
  await Bun.sleep(20)
  expect(errors).toEqual([])
})

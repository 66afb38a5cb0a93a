import { expect, test } from 'bun:test'
import { until } from '../test/until.ts'
import { DependencyError, watchDependency } from './dependency.ts'
import { createLogger } from './telemetry/logger.ts'

test('reports a failure, and that it is over, once each', async () => {
  let failure: Error | undefined
  const lines: string[] = []
  const log = createLogger('warn', { write: line => lines.push(line) })
  const check = async () => {
    if (failure !== undefined) throw failure
  }
  const dependency = await watchDependency('the database', check, log, 1)
  expect(dependency.unavailable).toBeUndefined()
  failure = new Error('gone')
  await until(5, 'the failure is seen', () => dependency.unavailable !== undefined)
  expect(dependency.unavailable).toBe('The service cannot use the database.')
  failure = undefined
  await until(5, 'the end is seen', () => dependency.unavailable === undefined)
  dependency[Symbol.dispose]()
  failure = new Error('gone, and nobody asks')
  await Bun.sleep(10)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 'warn', msg: 'the database cannot be used', err: { message: 'gone' } },
    { level: 'warn', msg: 'the database can be used again' },
  ])
})

test('refuses to start without it', async () => {
  const failing = watchDependency('the database', () => Promise.reject(new Error('refused')), createLogger('silent'))
  expect(failing).rejects.toThrow(new DependencyError('the database cannot be used: refused'))
})

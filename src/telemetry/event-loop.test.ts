import { expect, test } from 'bun:test'
import { Registry } from 'prom-client'
import { samples } from '../../test/exposition.ts'
import { blockEventLoop } from '../modules/faults/service.ts'
import { catalogue } from './catalogue.ts'
import { sampleEventLoopLag } from './event-loop.ts'

const bucket = (exposition: Map<string, number>, le: string) =>
  exposition.get(`${catalogue.eventLoopLag.name}_bucket{le="${le}"}`) ?? 0
const count = (exposition: Map<string, number>) => exposition.get(`${catalogue.eventLoopLag.name}_count`) ?? 0

test('a stall is as many samples as it is long, and a scrape disturbs none', async () => {
  const registry = new Registry()
  const stop = sampleEventLoopLag(registry)
  await Bun.sleep(5)
  blockEventLoop(1000)
  await Bun.sleep(50)
  stop()
  const first = samples(await registry.metrics())
  // Due at a random moment of a stall of 1 s, work waits for longer than 0.5 s in half of the cases.
  const stalled = count(first) - bucket(first, '0.025')
  const long = count(first) - bucket(first, '0.5')
  expect(stalled).toBeGreaterThanOrEqual(45)
  expect(stalled).toBeLessThanOrEqual(90) // a busy machine adds stalls of its own
  expect(long / stalled).toBeWithin(0.3, 0.6)
  expect(samples(await registry.metrics())).toEqual(first)
})

test('stops when told to', async () => {
  const registry = new Registry()
  sampleEventLoopLag(registry)()
  await Bun.sleep(60)
  expect(count(samples(await registry.metrics()))).toBe(0)
})

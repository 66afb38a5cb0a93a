import { expect, test } from 'bun:test'
import { Registry } from 'prom-client'
import { samples } from '../../lib/exposition.ts'
import { until } from '../../test/until.ts'
import { catalogue } from './catalogue.ts'
import { sampleEventLoopLag } from './event-loop.ts'

const bucket = (exposition: Map<string, number>, le: string) =>
  exposition.get(`${catalogue.eventLoopLag.name}_bucket{le="${le}"}`) ?? 0
const count = (exposition: Map<string, number>) => exposition.get(`${catalogue.eventLoopLag.name}_count`) ?? 0

test('a stall is as many samples as it is long, and a scrape disturbs none', async () => {
  const registry = new Registry()
  let clockMs = 0
  const stop = sampleEventLoopLag(registry, () => clockMs)
  clockMs = 1020 // the first sample is due after 20 ms, so it is a second late
  await until(30, 'it is sampled', async () => count(samples(await registry.metrics())) > 0)
  stop()
  const first = samples(await registry.metrics())
  // samples that are 1000, 980, … 20 and 0 ms late; those after the stall are not late at all
  expect(count(first) - bucket(first, '0.025')).toBe(49)
  expect(count(first) - bucket(first, '0.5')).toBe(25)
  expect(samples(await registry.metrics())).toEqual(first)
})

test('stops when told to', async () => {
  const registry = new Registry()
  sampleEventLoopLag(registry)()
  await Bun.sleep(60)
  expect(count(samples(await registry.metrics()))).toBe(0)
})

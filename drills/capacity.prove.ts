import { afterAll, expect, test } from 'bun:test'
import { measureCapacity } from './capacity.ts'
import type { LoadResult } from './story.ts'

/** Answers each request after 50 ms: the clients of the estimate get 160 answers a second at most. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch() {
    await Bun.sleep(50)
    return new Response()
  },
})
afterAll(() => server.stop(true))
const { signal } = new AbortController()

/**
 * Measures what holds up to `most` requests a second; the rates that were tried for the whole time.
 * @param bad of the first trials find a bad moment
 */
async function measure(most: number, bad = 0) {
  const tried: number[] = []
  let trials = 0
  const hold = async (rate: number, duration: number) => {
    if (duration === 20) tried.push(rate)
    const held = rate <= most && (duration === 20 || ++trials > bad)
    return { rate, held, latency: { p95: 1 } } as LoadResult
  }
  const { rate } = await measureCapacity(server.url.origin, 1, 20, hold, signal)
  return { rate, tried }
}

test.concurrent('what is less than the estimate is found below it', async () => {
  const { rate, tried } = await measure(100)
  expect(rate).toBeLessThanOrEqual(100)
  expect(rate).toBeGreaterThan(60)
  expect(tried).toEqual([rate]) // what fails its trial is not held on for the whole time
}, 20_000)

test.concurrent('what is more than the estimate is found by climbing, until a rate is not held', async () => {
  const { rate, tried } = await measure(220)
  expect(rate).toBeLessThanOrEqual(220)
  expect(rate).toBeGreaterThan(220 / 1.07)
  expect(tried.length).toBeGreaterThan(2)
}, 20_000)

test.concurrent('one bad moment in a trial is no reason to give up a rate; two are, each time', async () => {
  const [{ tried: once }, { tried: twice }] = await Promise.all([measure(1000, 1), measure(1000, 6)])
  expect(twice[0]).toBeLessThan(once[0] as number)
}, 20_000)

test.concurrent('where no rate is held, it says so', async () => {
  await expect(measure(0)).rejects.toThrow(/no rate was held by 1 replica/)
}, 20_000)

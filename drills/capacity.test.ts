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

/** Measures what holds up to `most` requests a second; the rates that were tried for the whole time. */
async function measure(most: number) {
  const tried: number[] = []
  const hold = async (rate: number, duration: number) => {
    if (duration === 20) tried.push(rate)
    return { rate, held: rate <= most, latency: { p95: 1 } } as LoadResult
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

test.concurrent('where no rate is held, it says so', async () => {
  await expect(measure(0)).rejects.toThrow(/no rate was held by 1 replica/)
}, 20_000)

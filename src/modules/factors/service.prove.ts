import { expect, test } from 'bun:test'
import { join } from 'node:path'

/** The largest prime in range. */
const LARGEST_PRIME = 9_007_199_254_740_881

test('a number beyond 2^51 does not slow down those that follow', async () => {
  // in a process of its own, whose compiler has not seen the numbers above
  const script = `
    import { factorise } from ${JSON.stringify(join(import.meta.dir, 'service.ts'))}
    const shortest = () => Math.min(...Array.from({ length: 20 }, () => { // noise only adds
      const begin = performance.now()
      factorise(99_999_999_999_973)
      return performance.now() - begin
    }))
    const before = shortest()
    for (let i = 0; i < 5; i++) factorise(${LARGEST_PRIME})
    console.log(shortest() / before)`
  const times = await Bun.spawn([process.execPath, '-e', script], { stderr: 'inherit' }).stdout.text()
  expect(Number(times)).toBeLessThan(2) // by %, it was 8 to 15 times as much
}, 60_000)

import { expect, test } from 'bun:test'
import { find } from './footprint.ts'
import { compiled, fromSource } from './process.ts'

test('starts faster when compiled, and a second load takes no more memory than the first', async () => {
  const source = await find(fromSource('src/main.ts'))
  const binary = await find(await compiled('src/main.ts'))
  for (const [name, { ready, atRest, afterLoad }] of Object.entries({ 'from source': source, compiled: binary }))
    console.log(
      `${name}: ready in ${ready.toFixed(0)} ms; ${atRest} MB at rest, ${afterLoad.join(' and ')} MB after a load and a second one`,
    )
  expect(binary.ready).toBeLessThan(source.ready)
  for (const { afterLoad } of [source, binary])
    expect((afterLoad[1] as number) / (afterLoad[0] as number)).toBeLessThan(1.25)
}, 120_000)

import { expect, test } from 'bun:test'
import { startAndMemory } from '../bench/footprint.ts'
import { compiled, fromSource } from '../lib/service-process.ts'

test('the compiled service starts faster, and a second load takes no more memory than the first', async () => {
  const source = await startAndMemory(fromSource('src/main.ts'))
  const binary = await startAndMemory(await compiled('src/main.ts'))
  for (const [name, { readyMs, restMB, loadedMB }] of Object.entries({ 'from source': source, compiled: binary }))
    console.log(
      `${name}: ready in ${readyMs.toFixed(0)} ms; ${restMB} MB at rest, ${loadedMB.join(' and ')} MB after a load and a second one`,
    )
  expect(binary.readyMs).toBeLessThan(source.readyMs)
  for (const { loadedMB } of [source, binary])
    expect((loadedMB[1] as number) / (loadedMB[0] as number)).toBeLessThan(1.25)
}, 120_000)

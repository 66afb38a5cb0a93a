import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
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

test('src is at most 900 lines of code, with at most six dependencies', () => {
  const files = [...new Bun.Glob('**/*.ts').scanSync('src')].filter(file => !/\.(test|prove)\.ts$/.test(file))
  const code = files
    .flatMap(file => readFileSync(`src/${file}`, 'utf8').split('\n'))
    .filter(line => !/^\s*(\/\/|\/?\*|$)/.test(line))
  console.log(`src: ${code.length} lines of code in ${files.length} files`)
  expect(code.length).toBeLessThanOrEqual(900)
  expect(Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies).length).toBeLessThanOrEqual(6)
})

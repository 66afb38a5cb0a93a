import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'

test('src is at most 900 lines of code, with at most six dependencies', () => {
  const files = [...new Bun.Glob('**/*.ts').scanSync('src')].filter(file => !/\.(test|prove)\.ts$/.test(file))
  const code = files
    .flatMap(file => readFileSync(`src/${file}`, 'utf8').split('\n'))
    .filter(line => !/^\s*(\/\/|\/?\*|$)/.test(line))
  console.log(`src: ${code.length} lines of code in ${files.length} files`)
  expect(code.length).toBeLessThanOrEqual(900)
  expect(Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies).length).toBeLessThanOrEqual(6)
})

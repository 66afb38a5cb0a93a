import { expect, test } from 'bun:test'
import { basename } from 'node:path'
import { isTest, sourceFiles } from './source-files.ts'

const files = sourceFiles().filter(({ file }) => !isTest(file))

/** Names that are given more than once, each with its files. */
function repeated(named: readonly (readonly [name: string, file: string])[]): [string, string[]][] {
  const byName = Map.groupBy(named, ([name]) => name)
  return [...byName]
    .map(([name, all]): [string, string[]] => [name, all.map(([, file]) => file)])
    .filter(([, all]) => all.length > 1)
}

const exportedTypes = (source: string) =>
  [...source.matchAll(/^export (?:declare )?(?:abstract )?(?:class|enum|interface|type) (\w+)/gm)].map(
    ([, name]) => name as string,
  )

/** Files whose names are given by make's targets, by SCENARIO, and by Elysia's layout of a module. */
const PRESCRIBED = /^(cli\/commands|loadtest|src\/modules)\//

/** Names of files that may be given more than once. */
const KNOWN_FILES = ['main.ts', 'service.config.ts'] // of each service; main.ts is the command line's entry point, too

test('no two files have the same name', () => {
  expect(files.length).toBeGreaterThan(150)
  const named = files.filter(({ file }) => !PRESCRIBED.test(file)).map(({ file }) => [basename(file), file] as const)
  expect(repeated(named).filter(([name]) => !KNOWN_FILES.includes(name))).toEqual([])
})

test('no two exported types have the same name', () => {
  const types = files.flatMap(({ file, source }) => exportedTypes(source).map(name => [name, file] as const))
  expect(types.length).toBeGreaterThan(100)
  expect(repeated(types)).toEqual([])
})

test('a repeated name is reported with its files', () => {
  expect(
    repeated([
      ['A', 'a.ts'],
      ['B', 'b.ts'],
      ['A', 'c.ts'],
    ]),
  ).toEqual([['A', ['a.ts', 'c.ts']]])
  const source =
    'export type A = string\nexport interface B {}\nexport class C {}\nexport abstract class D {}\nexport const E = 1'
  expect(exportedTypes(source)).toEqual(['A', 'B', 'C', 'D'])
})

import { expect, test } from 'bun:test'
import { ALLOWED, importsOf } from './imports.ts'
import { isTest, sourceFiles } from './source-files.ts'

/** Why an import is not allowed; undefined where it is. */
function faultOf(file: string, imported: string): string | undefined {
  if (!imported.endsWith('.ts')) return undefined // data, such as package.json
  if (isTest(imported)) return isTest(file) ? undefined : 'not a test, and imports from one'
  if (isTest(file) && imported.startsWith('lib/')) return undefined
  if (file.startsWith('src/telemetry/') && !isTest(file) && !imported.startsWith('src/telemetry/'))
    return 'src/telemetry must be usable alone'
  const [from, to] = [file, imported].map(path => path.split('/')[0] as string) as [string, string]
  return from === to || ALLOWED[from]?.includes(to) ? undefined : `${from} must not import from ${to}`
}

/** Faults of a file, a line each. */
const faultsOf = (file: string, source: string): string[] =>
  importsOf(file, source).flatMap(imported => {
    const fault = faultOf(file, imported)
    return fault === undefined ? [] : [`${file} -> ${imported}: ${fault}`]
  })

test('every import goes down, and none of a file that is not a test goes to a test', () => {
  const files = sourceFiles()
  expect(files.length).toBeGreaterThan(200)
  expect(files.flatMap(({ file, source }) => faultsOf(file, source))).toEqual([])
})

test.each([
  ['lib/a.ts', "import { b } from '../tools/b.ts'", 'lib must not import from tools'],
  ['src/modules/a.ts', "import type { B } from '../../lib/b.ts'", 'src must not import from lib'],
  ['monitoring/a.ts', "import { type B, c } from '../loadtest/b.ts'", 'monitoring must not import from loadtest'],
  ['src/telemetry/a.ts', "import type { B } from '../b.ts'", 'src/telemetry must be usable alone'],
  ['drills/a.ts', "export { type B } from '../bench/b.ts'", 'drills must not import from bench'],
  ['k8s/a.ts', "export type * from '../platforms/b.ts'", 'k8s must not import from platforms'],
  ['platforms/a.ts', "await import('../drills/b.ts')", 'platforms must not import from drills'],
  ['new/a.ts', "import '../lib/b.ts'", 'new must not import from lib'],
  ['src/a.ts', "import { b } from '../chosen-service.ts'", 'src must not import from chosen-service.ts'],
  ['cli/a.ts', "import { b } from '../test/b.ts'", 'not a test, and imports from one'],
  ['cli/a.ts', "import { b } from '../lib/b.test.ts'", 'not a test, and imports from one'],
  ['test/a.ts', "import { b } from '../cli/b.ts'", 'test must not import from cli'],
])('%s must not: %s', (file, source, fault) => {
  expect(faultsOf(file, source)).toEqual([expect.stringContaining(`: ${fault}`)])
})

test.each([
  ['cli/a.ts', "import { b } from '../bench/b.ts'\nimport { c } from './c.ts'"],
  ['drills/a/b.ts', "import { c } from '../../k8s/monitoring/receiver.ts'"],
  ['src/a.ts', "import { version } from '../package.json'\nexport type B = string"],
  ['src/a.test.ts', "import { b } from '../test/b.ts'\nimport { c } from '../lib/c.ts'"],
])('%s may: %s', (file, source) => {
  expect(faultsOf(file, source)).toEqual([])
})

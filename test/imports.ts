import { dirname, join } from 'node:path'

/** Read by all; imports nothing. */
const CONFIG = 'service.config.ts'
/** The service that the commands act on; a service does not read it. */
const CHOSEN = 'chosen-service.ts'
const BASE = ['src', 'tools', 'lib', CONFIG, CHOSEN]
const BELOW_PLATFORMS = ['k8s', 'monitoring', 'loadtest', ...BASE]
const BELOW_DRILLS = ['platforms', ...BELOW_PLATFORMS]
const BELOW_BENCH = ['drills', ...BELOW_DRILLS]

/** Folders from which the files of a folder may import, beside the folder itself. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cli: ['bench', ...BELOW_BENCH],
  bench: BELOW_BENCH,
  e2e: BELOW_BENCH,
  test: ['bench', ...BELOW_BENCH],
  drills: BELOW_DRILLS,
  platforms: BELOW_PLATFORMS,
  dev: ['platforms', 'lib', CONFIG, CHOSEN],
  examples: ['drills', ...BELOW_DRILLS],
  monitoring: BASE,
  loadtest: BASE,
  tools: ['lib', CONFIG],
  lib: [],
  src: [CONFIG],
  [CONFIG]: [],
  [CHOSEN]: [CONFIG],
  k8s: [],
}

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/** Files of the project that a source file imports, type-only imports included. Paths are relative to the project's folder. */
export function importsOf(file: string, source: string): string[] {
  // The transpiler leaves out type-only imports, so the keyword `type` is removed first.
  const untyped = source
    .replace(/\b(import(?= type [\w{*])|export(?= type [{*])) type/g, '$1')
    .replace(/(?<=[{,]\s*)type (?=\w+\s*[,}])/g, '')
  const paths = transpiler.scanImports(untyped).map(({ path }) => path)
  return paths.filter(path => path.startsWith('.')).map(path => join(dirname(file), path))
}

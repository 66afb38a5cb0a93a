import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyProject } from '../../lib/copy-project.ts'
import { collect } from '../../lib/process.ts'

/** A change of the catalogue, which is the only place where metrics, labels and bounds are named. */
interface Refactoring {
  readonly name: string
  /** A text of the catalogue, and its replacement. */
  readonly before: string | RegExp
  readonly after: string
  /** For a rename: the text of rules and dashboards before and after. For a removal: undefined. */
  readonly renamed?: readonly [before: string, after: string]
}

/** A rename must reach all generated files; a removal must not compile. */
export const REFACTORINGS: readonly Refactoring[] = [
  {
    name: 'a metric is renamed',
    before: "'http_requests_total'",
    after: "'http_server_requests_total'",
    renamed: ['http_requests_total', 'http_server_requests_total'],
  },
  {
    name: 'a label is renamed',
    before: "type: 'type'",
    after: "type: 'error_type'",
    renamed: ['by (job, route, type)', 'by (job, route, error_type)'],
  },
  {
    name: 'a bucket bound is changed',
    before: 'OBJECTIVE_BOUND = 0.25',
    after: 'OBJECTIVE_BOUND = 0.3',
    renamed: ['le=\\"0.25\\"', 'le=\\"0.3\\"'], // as in a string of YAML or JSON
  },
  { name: 'a metric is removed', before: /^ {2}eventLoopLag: .*\n/m, after: '' },
  { name: 'a label is removed', before: ", status: 'status_code'", after: '' },
  { name: 'a bucket bound is removed', before: ', OBJECTIVE_BOUND', after: '' },
]

/** Tests of everything that reads the catalogue and needs neither a socket nor a program other than promtool. */
const TESTS = [
  'monitoring',
  'src',
  'platforms/kubernetes/monitoring/values.test.ts',
  'drills/alerts/alert-timelines.test.ts',
  'drills/alerts/plan.test.ts',
  'drills/overload/checks.test.ts',
  'drills/report',
]

type Run = (...command: string[]) => ReturnType<typeof collect>

/**
 * Applies a refactoring to a copy of the project: a rename must reach all generated files, a removal must not compile.
 * Returns what detected the change; throws an Error when the change does not go as it must.
 */
export async function refactor({ before, after, renamed }: Refactoring): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'refactoring-'))
  const run: Run = (...command) => collect(command, { cwd: folder })
  try {
    await copyProject(folder)
    const file = join(folder, 'src/telemetry/catalogue.ts')
    const text = await Bun.file(file).text()
    const changed = text.replace(before, after)
    if (changed === text) throw new Error(`the catalogue does not contain ${before}; update refactorings.ts`)
    await Bun.write(file, changed)
    const manual = join(folder, 'docs/reference/metrics.md') // a test compares its queries with the code
    if (renamed !== undefined) await Bun.write(manual, (await Bun.file(manual).text()).replaceAll(...renamed))

    const { out } = await run(process.execPath, 'x', 'tsc')
    const errors = out.split('\n').filter(line => line.includes('error TS'))
    const [first = ''] = errors
    if (renamed !== undefined && first !== '') throw new Error(first)
    if (renamed !== undefined) return await checkRename(run, ...renamed)
    if (first === '') throw new Error('the project compiles')
    return `${errors.length} errors of the compiler, such as ${first.slice(0, first.indexOf(': error'))}`
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Checks that each generated file with the old name has the new name instead, and that all tests pass. */
async function checkRename(run: Run, before: string, after: string): Promise<string> {
  const filesWith = async (name: string) => {
    const { out } = await run('grep', '-rlF', '--', name, 'monitoring/generated', 'helm/generated')
    return out.split('\n').filter(Boolean).sort().join(', ')
  }
  const had = await filesWith(before)
  await run(process.execPath, 'monitoring/generate.ts')
  const [left, has] = [await filesWith(before), await filesWith(after)]
  if (had === '' || left !== '' || has !== had)
    throw new Error(`${before} was in "${had}" and is in "${left}"; ${after} is in "${has}"`)

  const { code, out, err } = await run(process.execPath, 'test', ...TESTS)
  const output = `${out}${err}`
  const failed = output.split('\n').filter(line => line.startsWith('(fail)'))
  if (code !== 0) throw new Error(failed.join(', ') || output.slice(-1000))
  return `${has} have the new name, and ${/\d+ pass/.exec(output)?.[0]}, none fails`
}

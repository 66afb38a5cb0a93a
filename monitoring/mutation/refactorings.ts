import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyProject } from '../../test/copy.ts'
import { run } from '../../test/process.ts'

/** A change of the catalogue, the one place where metrics, labels and bounds are named. */
interface Refactoring {
  readonly name: string
  /** A text of the catalogue, and what is put in its place. */
  readonly before: string | RegExp
  readonly after: string
  /** Of a rename: how the rules and the dashboards have it before and after; nothing where it must not compile. */
  readonly renamed?: readonly [before: string, after: string]
}

/** One of each: what is renamed flows everywhere, what is removed does not compile. */
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
    name: 'a bucket bound is another',
    before: 'OBJECTIVE_BOUND = 0.25',
    after: 'OBJECTIVE_BOUND = 0.3',
    renamed: ['le=\\"0.25\\"', 'le=\\"0.3\\"'], // as a string of YAML or JSON has it
  },
  { name: 'a metric is removed', before: /^ {2}eventLoopLag: .*\n/m, after: '' },
  { name: 'a label is removed', before: ", status: 'status_code'", after: '' },
  { name: 'a bucket bound is removed', before: ', OBJECTIVE_BOUND', after: '' },
]

/** Tests that need neither a socket nor a program beside promtool, of all that a rename goes through. */
const TESTS = [
  ...[
    'monitoring/rules',
    'monitoring/dashboards',
    'monitoring/generate.test.ts',
    'monitoring/helm.test.ts',
    'monitoring/incidents',
    'src',
    'platforms/kubernetes/monitoring/values.test.ts',
  ],
  ...['drills/alerts/alerts.test.ts', 'drills/overload/checks.test.ts', 'drills/alerts/plan.test.ts', 'drills/report'],
]

/** What came of a refactoring: what is wrong with it, none if it went as it must; and what it was seen by. */
interface Refactored {
  readonly problem?: string
  readonly seen: string
}

/** Makes a refactoring in a copy of the project, and sees whether it flows, or does not compile. Nobody's source is edited. */
export async function refactor({ before, after, renamed }: Refactoring): Promise<Refactored> {
  const folder = await mkdtemp(join(tmpdir(), 'refactoring-'))
  const inCopy = (...command: string[]) => run(command, { cwd: folder })
  try {
    await copyProject(folder)
    const file = join(folder, 'src/telemetry/catalogue.ts')
    const text = await Bun.file(file).text()
    const changed = text.replace(before, after)
    if (changed === text) return { problem: `the catalogue has no ${before} any more`, seen: '' }
    await Bun.write(file, changed)
    const document = join(folder, 'docs/reference/metrics.md') // a test compares its queries with those of the rules
    if (renamed !== undefined) await Bun.write(document, (await Bun.file(document).text()).replaceAll(...renamed))

    const { out } = await inCopy(process.execPath, 'x', 'tsc')
    const errors = out.split('\n').filter(line => line.includes('error TS'))
    if (renamed !== undefined) return errors[0] ? { problem: errors[0], seen: '' } : await flow(inCopy, ...renamed)
    const [first] = errors
    if (first === undefined) return { problem: 'it compiles', seen: '' }
    return { seen: `${errors.length} errors of the compiler, such as ${first.slice(0, first.indexOf(': error'))}` }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Whether what is generated has the new name wherever it had the old one, and no test minds. */
async function flow(
  inCopy: (...command: string[]) => ReturnType<typeof run>,
  before: string,
  after: string,
): Promise<Refactored> {
  const filesWith = async (name: string) => {
    const { out } = await inCopy('grep', '-rlF', '--', name, 'monitoring/generated', 'helm/generated')
    return out.split('\n').filter(Boolean).sort().join(', ')
  }
  const had = await filesWith(before)
  await inCopy(process.execPath, 'monitoring/generate.ts')
  const [left, has] = [await filesWith(before), await filesWith(after)]
  if (had === '' || left !== '' || has !== had)
    return { problem: `${before} was in "${had}" and is in "${left}"; ${after} is in "${has}"`, seen: '' }

  const { code, out, err } = await inCopy(process.execPath, 'test', ...TESTS)
  const tests = `${out}${err}`
  const failed = tests.split('\n').filter(line => line.startsWith('(fail)'))
  if (code !== 0) return { problem: failed.join(', ') || tests.slice(-1000), seen: '' }
  return { seen: `it is in ${has}, and ${/\d+ pass/.exec(tests)?.[0]}, none fails` }
}

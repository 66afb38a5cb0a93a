import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { footprint } from '../bench/footprint.ts'
import { checksOf, figuresTable, footprintTable } from '../bench/report.ts'
import { figuresOf, type Round, runRound, VARIANTS } from '../bench/rounds.ts'
import { reportFolder } from '../drills/overload/engine.ts'
import { tableOf } from '../drills/report/markdown.ts'
import { checksTable } from '../drills/report/tables.ts'
import { alignedTable } from '../drills/report/terminal.ts'
import { UserError } from '../lib/user-error.ts'
import { run } from '../test/process.ts'
import { runCommand } from './run-command.ts'

const HELP = `bun cli/bench.ts: what the metrics, ids and logs of the service cost, against the same application without them.

Each variant is compiled and runs alone on one core, asked by another, in turn, round by round. A control with metrics as tutorials
have them must be seen to cost more. Then: start to ready, memory, and what a scrape costs. Exit code 0 only if the verdict holds.
By environment: ROUNDS (default 9), SECONDS of each variant in a round (default 2), REPORTS, the folder of the reports (default reports/bench).
It needs Linux with taskset (util-linux) and two cores; and nothing else that runs.
`

/** A trivial answer: the less a request does, the more its observation weighs. */
const PATH = '/'

function integerOf(name: string, value: string | undefined, fallback: number): number {
  const number = Number(value || fallback)
  if (Number.isSafeInteger(number) && number >= 1 && number <= 100) return number
  throw new UserError(`${name}: "${value}" is not accepted; it takes an integer from 1 to 100`)
}

async function compile(entry: string, folder: string): Promise<string> {
  const binary = join(folder, entry.replaceAll('/', '-'))
  const { code, err } = await run([process.execPath, 'run', 'build', entry, '--outfile', binary])
  if (code !== 0) throw new UserError(`${entry} cannot be compiled: ${err}`)
  return binary
}

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.length > 0) {
    console.log(HELP)
    return args[0] === '--help' ? 0 : 2
  }
  const rounds = integerOf('ROUNDS', process.env.ROUNDS, 9)
  const seconds = integerOf('SECONDS', process.env.SECONDS, 2)
  if (Bun.which('taskset') === null || availableParallelism() < 2)
    throw new UserError('the bench needs taskset (util-linux) and two cores: one for the server, one for who asks')
  const binaries = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    console.log('compiling the variants and the service')
    const [variants, service] = [await compile('bench/server.ts', binaries), await compile('src/main.ts', binaries)]
    const done: Round[] = []
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      done.push(await runRound(variants, PATH, seconds, round))
      const said = VARIANTS.map(variant => `${variant} ${figuresOf(variant, done.slice(-1)).ratio.toFixed(3)}`)
      console.log(`round ${round + 1} of ${rounds}, of bare: ${said.join(', ')}`)
    }
    signal.throwIfAborted()
    console.log('start, memory and scrapes of the service')
    const took = await footprint([service], rounds * seconds > 1 ? undefined : 10_000) // a trial is one second of each
    const figures = VARIANTS.map(variant => figuresOf(variant, done))
    const checks = checksOf(figures)
    const passed = checks.every(({ ok }) => ok)
    const verdict = checksTable(checks, passed ? 'passed' : 'failed')
    const tables = [verdict, figuresTable(figures, rounds, seconds), footprintTable(took)]
    const folder = reportFolder(process.env.REPORTS || 'reports/bench')
    const markdown = tables.map(table => `## ${table.title}\n\n${tableOf(table)}\n`).join('\n')
    await Bun.write(join(folder, 'report.md'), `# What observing costs\n\n${markdown}`)
    await Bun.write(
      join(folder, 'report.json'),
      `${JSON.stringify({ rounds: done, footprint: took, checks }, null, 2)}\n`,
    )
    console.log(`\n${tables.map(alignedTable).join('\n\n')}\n\nreport: ${folder}/report.md`)
    return passed ? 0 : 1
  } finally {
    await rm(binaries, { recursive: true })
  }
}

await runCommand(signal => main(Bun.argv.slice(2), signal))

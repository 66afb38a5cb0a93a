import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportFolder } from '../drills/overload/engine.ts'
import { tableOf } from '../drills/report/markdown.ts'
import { checksTable } from '../drills/report/tables.ts'
import { alignedTable } from '../drills/report/terminal.ts'
import { UserError } from '../lib/user-error.ts'
import { run } from '../test/process.ts'
import { footprint } from './footprint.ts'
import { checksOf, figuresTable, footprintTable } from './report.ts'
import { figuresOf, type Round, runRound, VARIANTS } from './rounds.ts'

/** A trivial answer: the less a request does, the more its observation weighs. */
const PATH = '/'

async function compile(entry: string, folder: string): Promise<string> {
  const binary = join(folder, entry.replaceAll('/', '-'))
  const { code, err } = await run([process.execPath, 'run', 'build', entry, '--outfile', binary])
  if (code !== 0) throw new UserError(`${entry} cannot be compiled: ${err}`)
  return binary
}

/**
 * Runs the bench and writes its report; returns the exit status: 0 only if the verdict holds.
 * @param seconds of each variant in a round
 * @param reports folder of the reports
 */
export async function runBench(rounds: number, seconds: number, reports: string, signal: AbortSignal): Promise<number> {
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
    const folder = reportFolder(reports)
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

import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT_STATUS } from '../drills/overload/drill-on-stack.ts'
import { reportFolder } from '../drills/overload/report-folder.ts'
import { tableOf } from '../drills/report/markdown.ts'
import { checksTable } from '../drills/report/tables.ts'
import { alignedTable } from '../drills/report/terminal.ts'
import { compiled } from '../lib/service-process.ts'
import { UserError } from '../lib/user-error.ts'
import { type Footprint, footprint } from './footprint.ts'
import { checksOf, figuresTable, footprintTable, verdictOf } from './report.ts'
import { figuresOf, type Round, runRound } from './rounds.ts'
import { VARIANT_NAMES } from './variants.ts'

/**
 * Runs the bench and writes its report; returns the exit status of its verdict.
 * @param seconds of each variant in a round
 * @param reports folder of the reports
 */
export async function runBench(rounds: number, seconds: number, reports: string, signal: AbortSignal): Promise<number> {
  if (Bun.which('taskset') === null || availableParallelism() < 2)
    throw new UserError('the bench needs taskset (util-linux) and two cores: for the server and for the load generator')
  const binaries = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    console.log('compiling the variants and the service')
    const [variants] = await compiled('bench/bench-server.ts', join(binaries, 'variants'))
    const service = await compiled('src/main.ts', join(binaries, 'service'))
    const done: Round[] = []
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      done.push(await runRound(variants, seconds, round))
      const ratios = VARIANT_NAMES.map(name => `${name} ${figuresOf(name, done.slice(-1)).ofBare.median.toFixed(3)}`)
      console.log(`round ${round + 1} of ${rounds}, of bare: ${ratios.join(', ')}`)
    }
    signal.throwIfAborted()
    console.log('start, memory and scrapes of the service')
    // the least that the command line takes, one round of a second, is a trial
    const took = await footprint(service, rounds * seconds > 1 ? undefined : 10_000)
    return await writeReport(done, seconds, took, reportFolder(reports))
  } finally {
    await rm(binaries, { recursive: true })
  }
}

/** Writes the report and prints it; returns the exit status. */
async function writeReport(
  rounds: readonly Round[],
  seconds: number,
  took: Footprint,
  folder: string,
): Promise<number> {
  const figures = VARIANT_NAMES.map(variant => figuresOf(variant, rounds))
  const checks = checksOf(rounds, figures)
  const verdict = verdictOf(checks, figures)
  const tables = [checksTable(checks, verdict), figuresTable(figures, rounds.length, seconds), footprintTable(took)]
  const markdown = tables.map(table => `## ${table.title}\n\n${tableOf(table)}\n`).join('\n')
  await Bun.write(join(folder, 'report.md'), `# What telemetry costs\n\n${markdown}`)
  await Bun.write(
    join(folder, 'report.json'),
    `${JSON.stringify({ verdict, rounds, footprint: took, checks }, null, 2)}\n`,
  )
  console.log(`\n${tables.map(alignedTable).join('\n\n')}\n\nreport: ${folder}/report.md`)
  return EXIT_STATUS[verdict]
}

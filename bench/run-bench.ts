import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT_STATUS } from '../drills/overload/drill-on-stack.ts'
import { reportFolder } from '../drills/overload/report-folder.ts'
import { alignedTable } from '../drills/report/terminal.ts'
import { writeReport } from '../drills/report/write-report.ts'
import { compiled } from '../lib/service-process.ts'
import { UserError } from '../lib/user-error.ts'
import { footprint } from './footprint.ts'
import { benchReport } from './report.ts'
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
  const startedAt = Date.now() / 1000
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
    const report = benchReport(done, seconds, took, startedAt)
    const { markdown } = await writeReport(report, reportFolder(reports))
    console.log(`\n${report.sections.map(alignedTable).join('\n\n')}\n\nreport: ${markdown}`)
    return EXIT_STATUS[report.verdict]
  } finally {
    await rm(binaries, { recursive: true })
  }
}

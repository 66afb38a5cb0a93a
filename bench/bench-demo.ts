import { mkdtempSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { efficiencyOf } from '../drills/overload/checks.ts'
import type { OverloadResult } from '../drills/overload/overload-result.ts'
import { aligned } from '../drills/report/terminal.ts'
import { startPiped, startProgram } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import { quantile } from './rounds.ts'

/** idle: nothing else runs. busy: beside one busy process of normal priority for each core. */
export type MachineLoad = 'idle' | 'busy'

/** A run of make demo. */
interface DemoRun {
  readonly machine: MachineLoad
  readonly number: number
  readonly exitCode: number
  readonly seconds: number
  readonly report: OverloadResult
}

/** Runs make demo once. Throws a {@link UserError} when the run wrote no report. */
async function runDemo(machine: MachineLoad, number: number, signal: AbortSignal): Promise<DemoRun> {
  const reports = mkdtempSync(join(tmpdir(), 'demo-'))
  const log = join(reports, 'log')
  const began = performance.now()
  const exitCode = await startProgram([process.execPath, 'cli/main.ts', 'demo'], {
    cwd: join(import.meta.dir, '..'),
    env: { ...process.env, REPORTS: reports },
    output: { log },
    signal,
    abortSignal: 'SIGINT',
  }).exited
  signal.throwIfAborted()
  const seconds = (performance.now() - began) / 1000
  if (exitCode !== 0) console.log(await Bun.file(log).text())
  const [file] = new Bun.Glob('*/report.json').scanSync(reports)
  if (file === undefined) throw new UserError('the run above did not begin; its output says why')
  return { machine, number, exitCode, seconds, report: await Bun.file(join(reports, file)).json() }
}

async function runDemos(runs: number, machine: MachineLoad, signal: AbortSignal): Promise<DemoRun[]> {
  const cores = machine === 'busy' ? availableParallelism() : 0
  const loops = Array.from({ length: cores }, () => startPiped([process.execPath, '-e', 'for (;;);']))
  const done: DemoRun[] = []
  try {
    while (done.length < runs) {
      const run = await runDemo(machine, done.length + 1, signal)
      done.push(run)
      const cells = Object.entries(cellsOf(run)).map(([title, cell]) => `${title} ${cell}`)
      console.log(cells.join(', '))
    }
    return done
  } finally {
    for (const loop of loops) loop.kill('SIGKILL')
  }
}

/** The capacities before and after scaling, and the scaling efficiency; undefined where the drill stopped before. */
function scalingOf({ capacities, settings }: OverloadResult) {
  const at = (count: number) => capacities.find(({ replicas }) => replicas === count)
  const [one, many] = [at(settings.replicas.before), at(settings.replicas.after)]
  return { one, many, efficiency: one && many && efficiencyOf(one, many) }
}

/** Cells of a row of the table, by the title of the column. */
function cellsOf({ machine, number, exitCode, seconds, report }: DemoRun): Readonly<Record<string, string>> {
  const { one, many, efficiency } = scalingOf(report)
  const measuring = one && many && (many.runs.at(-1)?.end ?? 0) - (one.runs[0]?.begin ?? 0)
  const scaled = report.phases.find(({ name }) => name === 'scaled')
  const delivered = report.alerts.flatMap(({ detection }) => detection?.total ?? [])
  return {
    machine,
    run: `${number}`,
    exit: `${exitCode}`,
    seconds: seconds.toFixed(0),
    'for capacity': measuring?.toFixed(0) ?? '–',
    'capacity of 1': one ? `${one.rate}/s` : '–',
    'of N': many ? `${many.rate}/s` : '–',
    efficiency: efficiency?.toFixed(2) ?? '–',
    'tipped at': report.tipping ? `${report.tipping.rate}/s` : '–',
    carried: report.tipping?.carried.join(' ') || '–',
    'p95 at N': scaled ? `${Math.round(1000 * scaled.load.latency.p95)} ms` : '–',
    delivered: delivered.length > 0 ? `${Math.max(...delivered).toFixed(1)} s` : '–',
  }
}

/** Minimum, median and maximum. */
const spreadOf = (values: readonly number[], digits: number) =>
  [0, 0.5, 1].map(share => quantile(share, values).toFixed(digits)).join(' / ')

function summaryOf(machine: MachineLoad, runs: readonly DemoRun[]): string {
  const passed = runs.filter(({ exitCode }) => exitCode === 0).length
  const seconds = runs.map(run => run.seconds)
  const efficiencies = runs.flatMap(({ report }) => scalingOf(report).efficiency ?? [])
  const spreads = `seconds ${spreadOf(seconds, 0)}, scaling efficiency ${spreadOf(efficiencies, 2)}`
  return `${machine}: ${passed} of ${runs.length} exited with 0; ${spreads} (minimum / median / maximum)`
}

/**
 * Runs make demo `runs` times on each machine, and prints a table. Returns the exit code: 1 when a run exited with 1, or when
 * more than one in twenty did not exit with 0.
 */
export async function benchDemo(runs: number, machines: readonly MachineLoad[], signal: AbortSignal): Promise<number> {
  const all: DemoRun[] = []
  for (const machine of machines) all.push(...(await runDemos(runs, machine, signal)))
  const cells = all.map(cellsOf)
  console.log(`\n${aligned([Object.keys(cells[0] ?? {}), ...cells.map(row => Object.values(row))])}\n`)
  for (const [machine, done] of Map.groupBy(all, run => run.machine)) console.log(summaryOf(machine, done))
  const codes = all.map(({ exitCode }) => exitCode)
  return codes.includes(1) || codes.filter(code => code !== 0).length > codes.length / 20 ? 1 : 0
}

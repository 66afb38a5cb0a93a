import { mkdtempSync, readdirSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { efficiencyOf } from '../drills/overload/checks.ts'
import type { Story } from '../drills/overload/story.ts'
import { aligned } from '../drills/report/terminal.ts'
import { startPiped } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'

/** An idle machine, or one with a busy process for each core at normal priority. */
export type Machine = 'idle' | 'busy'

/** What one run showed. */
interface Run {
  readonly busy: boolean
  readonly code: number
  readonly seconds: number
  /** Undefined where the run wrote no report. */
  readonly story: Story | undefined
}

async function runOnce(busy: boolean, signal: AbortSignal): Promise<Run> {
  const reports = mkdtempSync(join(tmpdir(), 'demo-'))
  const began = Date.now()
  const child = Bun.spawn([process.execPath, 'cli/main.ts', 'demo'], {
    cwd: join(import.meta.dir, '..'),
    env: { ...process.env, REPORTS: reports },
    stdin: 'ignore',
    stdout: Bun.file(join(reports, 'output')),
    stderr: 'inherit',
  })
  const end = () => child.kill('SIGINT')
  signal.addEventListener('abort', end)
  const code = await child.exited
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  const seconds = (Date.now() - began) / 1000
  const [folder] = readdirSync(reports).filter(name => name !== 'output')
  const story =
    folder &&
    (await Bun.file(join(reports, folder, 'report.json'))
      .json()
      .catch(() => undefined))
  if (code !== 0) console.log(await Bun.file(join(reports, 'output')).text())
  return { busy, code, seconds, story: story || undefined }
}

async function runMany(runs: number, busy: boolean, signal: AbortSignal): Promise<Run[]> {
  const cores = busy ? availableParallelism() : 0
  const loops = Array.from({ length: cores }, () => startPiped([process.execPath, '-e', 'for (;;);']))
  const results: Run[] = []
  try {
    while (results.length < runs) {
      const run = await runOnce(busy, signal)
      if (run.story === undefined) throw new UserError('the run above did not begin; see what it says')
      results.push(run)
      console.log(rowOf(run, results.length - 1).join('  '))
    }
    return results
  } finally {
    for (const loop of loops) loop.kill('SIGKILL')
  }
}

const COLUMNS = [
  'machine',
  'run',
  'exit',
  'seconds',
  'for capacity',
  'capacity of 1',
  'of N',
  'efficiency',
  'tipped at',
  'carried',
  'p95 at N',
  'delivered',
]

function rowOf({ busy, code, seconds, story }: Run, index: number): string[] {
  const [one, many] = story?.capacities ?? []
  const delivered = story?.alerts.flatMap(({ detection }) => detection?.total ?? []) ?? []
  return [
    busy ? 'busy' : 'idle',
    `${index + 1}`,
    `${code}`,
    seconds.toFixed(0),
    one && many ? ((many.runs.at(-1)?.end ?? 0) - (one.runs[0]?.begin ?? 0)).toFixed(0) : '–',
    one === undefined ? '–' : `${one.rate}/s`,
    many === undefined ? '–' : `${many.rate}/s`,
    one && many ? efficiencyOf(one, many).toFixed(2) : '–',
    story?.tipping === undefined ? '–' : `${story.tipping.rate}/s`,
    story?.tipping?.carried.join(' ') || '–',
    `${Math.round(1000 * (story?.phases.find(({ name }) => name === 'scaled')?.load.latency.p95 ?? Number.NaN))} ms`,
    `${Math.max(...delivered).toFixed(1)} s`,
  ]
}

/** Minimum, median and maximum. */
function spreadOf(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN).toFixed(digits)
  return `${at(0)} / ${at(0.5)} / ${at(1)}`
}

function summaryOf(runs: readonly Run[]): string {
  const efficiencies = runs.flatMap(({ story }) => {
    const [one, many] = story?.capacities ?? []
    return one && many ? [efficiencyOf(one, many)] : []
  })
  return (
    `${runs[0]?.busy ? 'busy' : 'idle'}: ${runs.filter(({ code }) => code === 0).length} of ${runs.length} ended with 0; ` +
    `seconds (min / median / max) ${spreadOf(
      runs.map(({ seconds }) => seconds),
      0,
    )}; scaling efficiency ${spreadOf(efficiencies, 2)}`
  )
}

/**
 * Runs make demo `runs` times on each machine, and prints a table; returns the exit status: 1 when a run exited with 1, or
 * more than one in twenty did not exit with 0.
 */
export async function benchDemo(runs: number, machines: readonly Machine[], signal: AbortSignal): Promise<number> {
  console.log(COLUMNS.join('  '))
  const series: Run[][] = []
  for (const machine of machines) series.push(await runMany(runs, machine === 'busy', signal))
  console.log(`\n${aligned([COLUMNS, ...series.flatMap(runs => runs.map(rowOf))])}\n`)
  console.log(series.map(summaryOf).join('\n'))
  const codes = series.flat().map(({ code }) => code)
  const other = codes.filter(code => code !== 0).length
  return codes.includes(1) || other > codes.length / 20 ? 1 : 0
}

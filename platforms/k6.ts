import { join } from 'node:path'
import { type ProcessOptions, readLines, startPiped, startProgram } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import type { LoadEnd, LoadRun } from './platform.ts'

/** k6's exit codes after a complete run: every threshold met; one or more missed. */
export const VERDICTS = [0, 99]

/** k6's exit code after a signal ended the load. */
const ENDED_BY_SIGNAL = 105

/** How k6 sends its results to Prometheus. */
export const K6_ENV = {
  K6_NO_USAGE_REPORT: 'true',
  K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
  K6_FEATURES: 'native-histograms', // per interval; k6's own percentiles cover the whole run so far
  K6_PROMETHEUS_RW_STALE_MARKERS: 'true', // else Prometheus repeats the last values for five minutes
}

/**
 * Returns the environment without K6_ variables: K6_DURATION, K6_VUS and others would replace the scenario's load. Lists the
 * removed variables on standard error, once per process.
 */
function environmentWithoutK6(): NodeJS.Dict<string> {
  const isOfK6 = (name: string) => name.startsWith('K6_')
  const names = Object.keys(process.env).filter(isOfK6).sort()
  const line = `${names.join(', ')}: not passed on to k6, because the scenario says what k6 runs`
  if (names.length > 0 && !reported.has(line)) console.error(line)
  reported.add(line)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfK6(name)))
}
const reported = new Set<string>()

/** The level and the message of a line of k6's log, such as `level=warning msg="Request Failed"`, without time and details. */
const LOG_ENTRY = /^time="[^"]*" (level=\w+ msg="(?:[^"\\]|\\.)*")/

/** Prints the output of k6. Of entries of its log with the same message, the first is printed, and at the end their number. */
async function printOutput({ stdout, stderr }: Bun.PipedSubprocess): Promise<void> {
  const counts = new Map<string, number>()
  const logged = (line: string) => {
    const entry = LOG_ENTRY.exec(line)?.[1]
    const count = entry === undefined ? 1 : (counts.get(entry) ?? 0) + 1
    if (entry !== undefined) counts.set(entry, count)
    return count
  }
  const print = async (output: typeof stdout, write: (line: string) => void) => {
    for await (const line of readLines(output)) if (logged(line) === 1) write(line)
  }
  await Promise.all([print(stdout, console.log), print(stderr, console.error)])
  for (const [entry, count] of counts) if (count > 1) console.error(`k6 logged ${entry} ${count} times`)
}

/** Starts k6, or a program that prints the output of k6. The output goes to the file `log`, else it is printed. */
export function startK6(
  command: readonly string[],
  log: string | undefined,
  options: ProcessOptions,
): { child: Bun.Subprocess; exited: Promise<number> } {
  if (log !== undefined) {
    const child = startProgram(command, { ...options, output: { log } })
    return { child, exited: child.exited }
  }
  const child = startPiped(command, options)
  child.stdin.end()
  return { child, exited: printOutput(child).then(() => child.exited) }
}

/** Runs a scenario against the origin `target`. k6 also writes its results to the origin `prometheus`, if given. */
export async function runK6(run: LoadRun, target: string, prometheus: string | undefined): Promise<LoadEnd> {
  run.signal?.throwIfAborted()
  const k6 = await ensureProgram(PROGRAMS.k6, run.signal && { signal: run.signal })
  const script = join(import.meta.dir, '../loadtest', `${run.scenario}.ts`)
  // An empty configuration: vus or duration in ~/.config/k6/config.json would replace the scenario's load.
  const config = `--config=${join(import.meta.dir, '../loadtest/k6.json')}`
  const outputs = prometheus === undefined ? [] : ['--out', 'experimental-prometheus-rw']
  const { child, exited } = startK6([k6, 'run', '--quiet', config, ...outputs, script], run.log, {
    env: {
      ...environmentWithoutK6(),
      ...run.variables,
      TARGET: target,
      ...K6_ENV,
      K6_PROMETHEUS_RW_SERVER_URL: `${prometheus}/api/v1/write`,
    },
    signal: run.signal,
    abortSignal: run.log === undefined ? 'SIGINT' : 'SIGKILL', // SIGINT: k6 prints its summary
  })
  const end = () => child.kill('SIGINT')
  run.end?.addEventListener('abort', end)
  const code = await exited
  run.end?.removeEventListener('abort', end)
  if (run.log === undefined) return { code }
  run.signal?.throwIfAborted()
  const endedEarly = run.end?.aborted && code === ENDED_BY_SIGNAL
  if (!VERDICTS.includes(code) && !endedEarly) throw new UserError(`k6 ended with ${code}; its output is in ${run.log}`)
  return { code }
}

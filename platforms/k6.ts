import { join } from 'node:path'
import { startProgram } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'
import type { LoadEnd, LoadRun } from './platform.ts'

/** k6's exit codes that are a verdict on the target: all thresholds met, one not met. */
export const VERDICTS = [0, 99]

/** k6's exit code where a signal ended the load. */
const ENDED_BY_SIGNAL = 105

/** How k6 sends its results to Prometheus. */
export const K6_ENV = {
  K6_NO_USAGE_REPORT: 'true',
  K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
  K6_FEATURES: 'native-histograms', // of each moment; the percentiles it else sends are of the whole run so far
  K6_PROMETHEUS_RW_STALE_MARKERS: 'true', // else its last values are drawn on for five minutes
}

/**
 * The environment without its K6_ variables: K6_DURATION, K6_VUS and others would replace what the scenario offers.
 * Names them on standard error, once.
 */
function environmentWithoutK6(): NodeJS.Dict<string> {
  const [own, others] = [{} as NodeJS.Dict<string>, [] as string[]]
  for (const [name, value] of Object.entries(process.env))
    if (name.startsWith('K6_')) others.push(name)
    else own[name] = value
  const line = `${others.sort().join(', ')}: not passed on to k6, because the scenario says what k6 runs`
  if (others.length > 0 && !told.has(line)) console.error(line)
  told.add(line)
  return own
}
const told = new Set<string>()

/** Runs a scenario against `target`, with its results to `prometheus` too, where there is one. */
export async function runK6(run: LoadRun, target: string, prometheus: string | undefined): Promise<LoadEnd> {
  run.signal?.throwIfAborted()
  const k6 = await ensureProgram(PROGRAMS.k6, run.signal && { signal: run.signal })
  const script = join(import.meta.dir, '../loadtest', `${run.scenario}.ts`)
  // An empty configuration: vus or duration in the user's own, ~/.config/k6/config.json, would replace the scenario too.
  const config = `--config=${join(import.meta.dir, '../loadtest/k6.json')}`
  const outputs = prometheus === undefined ? [] : ['--out', 'experimental-prometheus-rw']
  const child = startProgram([k6, 'run', '--quiet', config, ...outputs, script], {
    env: {
      ...environmentWithoutK6(),
      ...run.variables,
      TARGET: target,
      ...K6_ENV,
      K6_PROMETHEUS_RW_SERVER_URL: `${prometheus}/api/v1/write`,
    },
    output: run.log === undefined ? 'inherit' : { log: run.log },
    signal: run.signal,
    abortSignal: run.log === undefined ? 'SIGINT' : 'SIGKILL', // SIGINT: k6 prints its summary
  })
  const end = () => child.kill('SIGINT')
  run.end?.addEventListener('abort', end)
  const code = await child.exited
  run.end?.removeEventListener('abort', end)
  if (run.log === undefined) return { code }
  run.signal?.throwIfAborted()
  const endedEarly = run.end?.aborted && code === ENDED_BY_SIGNAL
  if (!VERDICTS.includes(code) && !endedEarly) throw new UserError(`k6 ended with ${code}; its output is in ${run.log}`)
  return { code }
}

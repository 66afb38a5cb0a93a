import { drillAlerts } from '../../drills/alerts/drill-alerts.ts'
import { alertsOf, dayOfYear } from '../../drills/alerts/plan.ts'
import { drillOnStack } from '../../drills/overload/drill-on-stack.ts'
import { reportFolder } from '../../drills/overload/report-folder.ts'
import { createProgress } from '../../lib/progress.ts'
import { readChoice, readInteger } from '../../lib/read-variable.ts'
import { choosePlatform } from '../../platforms/choose.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Run a drill and write its report',
  argument: ['[drill]', 'overload (default), autoscale, all, daily, or the name of an alert'],
  details: `overload   one replica is overloaded, alerts are delivered, the service is scaled, and the same load passes
autoscale  the same, but an autoscaler scales (PLATFORM=kubernetes only)
ALERT      the alert with this name: its cause, its delivery, its resolution (FAULTS=on make up)
all        every alert, one after the other (12 minutes)
daily      three alerts, others each day

The drill runs on the stack that is up. When none is, the drill starts one, and takes it down at its end unless KEEP=1.
Exit codes: 0 passed, 1 failed, 75 inconclusive: the machine had no CPU left, so that what depends on its speed cannot be judged.
Ctrl-C writes what was seen so far and ends what was started; a second Ctrl-C ends at once.`,
  run: ([drill = process.env.DRILL || 'overload'], signal) => runDrill(drill, false, signal),
}

/** Runs a drill; returns the exit status. With `ownStack`, a stack that is up already is an error. */
export async function runDrill(drill: string, ownStack: boolean, signal: AbortSignal): Promise<number> {
  const { env } = process
  const reports = env.REPORTS || 'reports'
  const progress = createProgress()
  if (drill !== 'overload' && drill !== 'autoscale') {
    const alerts = alertsOf(drill, dayOfYear())
    const platform = await choosePlatform({ ...env, FAULTS: env.FAULTS || 'on' }, progress.say)
    const stop = new AbortController() // aborts also when the stack falls
    signal.addEventListener('abort', () => stop.abort(signal.reason))
    const status = await drillAlerts(drill, alerts, platform, reportFolder(reports), stop)
    signal.throwIfAborted()
    return status
  }
  const options = {
    ownStack,
    autoscaled: drill === 'autoscale',
    keep: readChoice(env, 'KEEP', ['0', '1'], '0') === '1',
    reports,
    replicas: readInteger(env, 'REPLICAS', { minimum: 2, fallback: 3 }),
    seed: readInteger(env, 'SEED', { fallback: 1 }),
  }
  return drillOnStack(await choosePlatform(env, progress.say), options, progress, signal)
}

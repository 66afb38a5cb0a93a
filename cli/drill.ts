import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { drillAlerts } from '../drills/alerts/drill-alerts.ts'
import { alertsOf, dayOfYear } from '../drills/alerts/plan.ts'
import { guard, reportFolder } from '../drills/overload/engine.ts'
import { overloadDrill } from '../drills/overload/overload.ts'
import { writeReport } from '../drills/report/index.ts'
import { ending } from '../drills/report/terminal.ts'
import { bypassProxyForLoopback } from '../lib/loopback.ts'
import { createProgress, isColoured, type Progress } from '../lib/progress.ts'
import { UserError } from '../lib/user-error.ts'
import { choosePlatform } from '../platforms/choose.ts'
import { PROFILE } from '../platforms/local/specs.ts'
import type { Platform } from '../platforms/platform.ts'

const HELP = `bun cli/drill.ts [DRILL]: runs a drill and writes its report; exit code 0 only if all it demands was seen.

Drills: overload (default), and autoscale, the same with no hand on the scale (PLATFORM=kubernetes), which may come before
ServiceUnresponsive does; the name of an alert, which is proven by what makes it fire; all, every alert (12 minutes); daily,
three of them in turn, by the day of the year.
A drill runs on the stack that is up, which it leaves up at the replicas it had; where none is, it brings one up and takes it
down at its end. One that is up must have its faults for an alert to be proven (FAULTS=on make up).
  --own     only on a stack of its own: one that is up is an error
Exit codes: 0 passed, 1 failed, 75 inconclusive: the machine had no CPU left, so that what depends on its speed cannot be judged.
Ctrl-C ends what was started and writes what was seen so far; a second one ends at once.
By environment: REPLICAS to scale to (default 3), SEED of the inputs (default 1), KEEP=1 leaves the stack up, REPORTS, the
folder of the reports (default reports), PLATFORM and the ports (see: make up HELP=1).
`

/** Exit status by verdict. 75 is EX_TEMPFAIL of sysexits.h: try again later. */
const EXIT_STATUS = { passed: 0, failed: 1, inconclusive: 75 } as const

/** Runs the drill on a stack and takes it back to how it was; the exit status. */
async function run(
  platform: Platform,
  options: { own?: boolean; autoscaled: boolean },
  stop: AbortController,
  progress: Progress,
): Promise<number> {
  const before = await platform.status()
  if (before && options.own)
    throw new UserError('a stack is up already: take it down (make down), or drill on it (make drill DRILL=overload)')
  const keeps = before !== undefined || readSwitch('KEEP')
  const folder = reportFolder(process.env.REPORTS || 'reports')
  const { replicas, seed } = readNumbers()

  const told = new Map<string, string>() // with each change of a group, Alertmanager tells of all its alerts again
  const receiver = await platform.receive(({ labels, status }) => {
    const alert = JSON.stringify(labels)
    if (labels.alertname !== 'Watchdog' && told.get(alert) !== status)
      progress.say(`        ${labels.alertname}: delivered as ${status}`)
    told.set(alert, status)
  })
  let unguard = () => {}
  try {
    progress.step('Start one replica of the service', 3)
    await platform.up({ monitoring: false, attached: !keeps, signal: stop.signal })
    unguard = guard(
      platform,
      () => progress.title,
      reason => stop.abort(reason),
    )
    const story = await overloadDrill(
      { platform, folder, progress, signal: stop.signal },
      { profile: PROFILE, receiver, replicas, seed, autoscaled: options.autoscaled },
    )
    const report = await writeReport(story, folder)
    console.log(ending(story, report, { colour: isColoured(), next: await nextSteps(platform, keeps) }).join('\n'))
    return EXIT_STATUS[story.verdict]
  } finally {
    progress.end()
    unguard()
    await receiver.stop()
    if (options.autoscaled) await platform.autoscale(undefined).catch(error => console.log(error.message))
    if (!keeps || (before === undefined && stop.signal.aborted)) await platform.down()
    else if (before) await platform.scale(before.replicas).catch(error => console.log(error.message)) // it may have fallen
  }
}

/** Replicas to scale to and the seed of the inputs. Throws a {@link UserError} at a bad value. */
function readNumbers(): { replicas: number; seed: number } {
  const replicas = Number(process.env.REPLICAS || 3)
  const seed = Number(process.env.SEED || 1)
  if (!Number.isSafeInteger(replicas) || replicas < 2)
    throw new UserError(`REPLICAS: "${process.env.REPLICAS}" is not accepted; it takes an integer of at least 2`)
  if (!Number.isSafeInteger(seed))
    throw new UserError(`SEED: "${process.env.SEED}" is not accepted; it takes an integer`)
  return { replicas, seed }
}

/** A variable of the environment that is 0 or 1. Throws a {@link UserError} at another value. */
function readSwitch(variable: string): boolean {
  const text = process.env[variable] || '0'
  if (text !== '0' && text !== '1') throw new UserError(`${variable}: "${text}" is not accepted; it takes 0 or 1`)
  return text === '1'
}

/** What people can do after a drill, a line each. */
async function nextSteps(platform: Platform, keeps: boolean): Promise<string[]> {
  const links = Object.entries(await platform.links()).map(([name, link]) => `  ${name.padEnd(14)} ${link}`)
  return keeps
    ? ['The stack is still up:', ...links, 'Take it down with: make down']
    : ['Look around with: make up. Then:', ...links]
}

/** The exit status that a signal asked for, as shells give it. */
let interrupted: number | undefined

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, own: { type: 'boolean' } },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  bypassProxyForLoopback()
  const drill = positionals.join(' ') || 'overload'
  const isLoad = drill === 'overload' || drill === 'autoscale'
  const alerts = isLoad ? [] : alertsOf(drill, dayOfYear())

  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (interrupted !== undefined) process.exit(interrupted) // and the kernel ends what was started
      interrupted = 128 + constants.signals[signal]
      console.error(`\n${signal}: ending what was started`)
      stop.abort(new UserError(`it was stopped by ${signal}`))
    })
  const env = isLoad ? process.env : { ...process.env, FAULTS: process.env.FAULTS || 'on' }
  const progress = createProgress()
  const platform = await choosePlatform(env, line => progress.say(line))
  const code = isLoad
    ? await run(platform, { ...values, autoscaled: drill === 'autoscale' }, stop, progress)
    : await drillAlerts(drill, alerts, platform, reportFolder(process.env.REPORTS || 'reports'), stop)
  return interrupted ?? code
}

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof UserError ? error.message : error)
  process.exit(interrupted ?? 1)
}

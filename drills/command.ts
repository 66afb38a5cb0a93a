import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { choosePlatform } from '../platforms/choose.ts'
import { PROFILE } from '../platforms/local/specs.ts'
import { bypassProxyForLoopback } from '../platforms/loopback.ts'
import { InstallError } from '../platforms/options.ts'
import { type Platform, PlatformError } from '../platforms/platform.ts'
import { guard, reportFolder } from './engine.ts'
import { drillAlerts } from './matrix/drill.ts'
import { overloadDrill } from './overload.ts'
import { alertsOf, dayOfYear } from './proofs/plan.ts'
import { writeReport } from './report/index.ts'
import { verdictTable } from './report/terminal.ts'
import type { Story } from './story.ts'
import { TIMINGS } from './timing.ts'

const HELP = `bun drills/command.ts [DRILL]: runs a drill and writes its report; exit code 0 only if all it demands was seen.

Drills: overload (default), and autoscale, the same with no hand on the scale (PLATFORM=kubernetes), which may come before
ServiceUnresponsive does; the name of an alert, which is proven by what makes it fire; all, every alert (12 minutes); daily,
three of them in turn, by the day of the year.
A drill runs on the stack that is up, which it leaves up at the replicas it had; where none is, it brings one up and takes it
down at its end. One that is up must have its faults for an alert to be proven (FAULTS=on make up).
  --own     only on a stack of its own: one that is up is an error
  --short   short phases, for tests
Ctrl-C ends what was started and writes what was seen so far; a second one ends at once.
By environment: REPLICAS to scale to (default: a replica a core, 3 at most), SEED of the inputs (default 1), REPORTS, the
folder of the reports (default reports), PLATFORM and the ports (see: make up HELP=1).
`

/** Runs the drill on a stack and takes it back to how it was; the exit status. */
async function run(
  platform: Platform,
  options: { own?: boolean; short?: boolean; autoscaled: boolean },
  stop: AbortController,
): Promise<number> {
  const say = (line: string) => console.log(line)
  const before = await platform.status()
  if (before && options.own)
    throw new PlatformError(
      'a stack is up already: take it down (make down), or drill on it (make drill DRILL=overload)',
    )
  const folder = reportFolder(process.env.REPORTS || 'reports')
  const replicas = Number(process.env.REPLICAS || platform.scaling.replicas)
  const seed = Number(process.env.SEED || 1)
  if (!Number.isSafeInteger(replicas) || replicas < 2)
    throw new PlatformError(
      `REPLICAS: "${process.env.REPLICAS ?? replicas}" is not accepted; it takes an integer of at least 2 (locally with a core each)`,
    )
  if (!Number.isSafeInteger(seed))
    throw new PlatformError(`SEED: "${process.env.SEED}" is not accepted; it takes an integer`)

  const receiver = await platform.receive(({ labels, status }) => {
    if (labels.alertname !== 'Watchdog') say(`       ${labels.alertname}: delivered ${status}`)
  })
  let phase = 'Start'
  let unguard = () => {}
  try {
    say('Start: one replica of the service')
    await platform.up({ monitoring: false, attached: true, signal: stop.signal })
    unguard = guard(
      platform,
      () => phase,
      reason => stop.abort(reason),
    )
    const story = await overloadDrill(
      { platform, folder, say, signal: stop.signal },
      {
        profile: PROFILE,
        timing: TIMINGS[options.short ? 'short' : 'full'],
        receiver,
        replicas,
        seed,
        autoscaled: options.autoscaled,
        enter: title => {
          phase = title
        },
      },
    )
    return await tell(story, folder, say)
  } finally {
    unguard()
    await receiver.stop()
    if (options.autoscaled) await platform.autoscale(undefined).catch(error => say(error.message))
    if (before)
      await platform.scale(before.replicas).catch(error => say(error.message)) // it may have fallen
    else for (const line of await platform.down()) say(`  ${line}`)
  }
}

/** Writes the report and prints the verdict; the exit status. */
async function tell(story: Story, folder: string, say: (line: string) => void): Promise<number> {
  const { html, json, markdown } = await writeReport(story, folder)
  say(`\n${verdictTable(story)}\n`)
  say(`report: ${html}\n        ${markdown}\n        ${json}`)
  return story.failure === undefined && story.checks.every(({ ok }) => ok) ? 0 : 1
}

/** The exit status that a signal asked for, as shells give it. */
let interrupted: number | undefined

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, own: { type: 'boolean' }, short: { type: 'boolean' } },
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
      stop.abort(new PlatformError(`it was stopped by ${signal}`))
    })
  const env = isLoad ? process.env : { ...process.env, FAULTS: process.env.FAULTS || 'on' }
  const platform = await choosePlatform(env, line => console.error(line))
  const code = isLoad
    ? await run(platform, { ...values, autoscaled: drill === 'autoscale' }, stop)
    : await drillAlerts(drill, alerts, platform, reportFolder(process.env.REPORTS || 'reports'), stop)
  return interrupted ?? code
}

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof PlatformError || error instanceof InstallError ? error.message : error)
  process.exit(interrupted ?? 1)
}

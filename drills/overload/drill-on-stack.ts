import { isColoured, type Progress } from '../../lib/progress.ts'
import { UserError } from '../../lib/user-error.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import type { Platform } from '../../platforms/platform.ts'
import { watchDeliveries } from '../alerts/watch-deliveries.ts'
import { overloadReport } from '../report/overload-report.ts'
import { ending } from '../report/terminal.ts'
import { writeReport } from '../report/write-report.ts'
import { deliveryBounds } from './bounds.ts'
import { guard } from './guard.ts'
import { overloadDrill } from './overload-drill.ts'
import { reportFolder } from './report-folder.ts'

export interface DrillOptions {
  /** Whether to refuse to run on a stack that is already up. */
  readonly ownStack: boolean
  /** Whether the platform's autoscaler scales in place of the drill. */
  readonly autoscaled: boolean
  /** Whether a stack that the drill starts stays up afterwards. */
  readonly keep: boolean
  /** Folder of all reports. */
  readonly reports: string
  /** Replicas to scale to. */
  readonly replicas: number
  /** Seed of the inputs. */
  readonly seed: number
}

/** Seconds of the steps of the overload drill that do not wait for alerts: capacity, start, steady state, scaled load. */
const DRILL_SECONDS = 120

/** Exit status by verdict. 75 is EX_TEMPFAIL of sysexits.h: try again later. */
export const EXIT_STATUS = { passed: 0, failed: 1, inconclusive: 75 } as const

/**
 * Runs the overload drill on the stack that is up and restores its replicas, or on a stack that the drill starts and takes down.
 * Writes the report, prints its summary, and returns the exit status.
 */
export async function drillOnStack(
  platform: Platform,
  { ownStack, autoscaled, keep, reports, replicas, seed }: DrillOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const before = await platform.status()
  if (before && ownStack)
    throw new UserError('a stack is up already: take it down (make down), or drill on it (make drill DRILL=overload)')
  const profile = await platform.profile()
  sayProfile(profile, autoscaled, progress)
  const staysUp = before !== undefined || keep
  const folder = reportFolder(reports)
  const receiver = watchDeliveries(platform, deliveryPrinter(progress))
  const fallen = new AbortController()
  const either = AbortSignal.any([signal, fallen.signal])
  let unguard = () => {}
  let giveBack: (() => Promise<void>) | undefined
  try {
    progress.step('Find or install the programs')
    await platform.install(signal)
    progress.step('Start one replica of the service', 3)
    await platform.up({ monitoring: false, attached: !staysUp, signal })
    giveBack = await platform.borrowReplicas()
    unguard = guard(
      platform,
      () => progress.title,
      reason => fallen.abort(reason),
    )
    const result = await overloadDrill(
      { platform, folder, progress, signal: either },
      { profile, receiver, replicas, seed, autoscaled },
    )
    const report = overloadReport(result)
    const files = await writeReport(report, folder)
    const next = await nextSteps(platform, staysUp)
    console.log(ending(report, result.checks, files, { colour: isColoured(), next }).join('\n'))
    signal.throwIfAborted()
    return EXIT_STATUS[result.verdict]
  } finally {
    progress.end()
    unguard()
    receiver.stop()
    if (autoscaled && giveBack) await platform.autoscale(undefined).catch(error => console.log(error.message))
    if (!staysUp || (before === undefined && either.aborted)) await platform.down()
    else {
      if (before) await platform.scale(before.replicas).catch(error => console.log(error.message)) // the stack may be gone
      await giveBack?.().catch(error => console.log(`the autoscaler did not get its replicas back: ${error.message}`))
    }
  }
}

/** Says how long the drill takes in production. Throws a {@link UserError} when the profile cannot serve the drill. */
function sayProfile(profile: Profile, autoscaled: boolean, { say }: Progress): void {
  if (profile.name === 'drill') return
  const { delivered, resolved } = deliveryBounds(profile)
  if (autoscaled)
    throw new UserError(
      `the monitoring has the profile ${profile.name}, in which HighLatency is delivered ${delivered} s after an overload, and the ` +
        'autoscaler ends the overload before; install the profile drill: make monitoring PROFILE=drill',
    )
  const minutes = Math.ceil((DRILL_SECONDS + delivered + resolved) / 60)
  say(
    `the monitoring has the profile ${profile.name}: alerts are delivered within ${delivered} s, and resolved within ${resolved} s, ` +
      `so that this drill takes up to ${minutes} minutes`,
  )
}

/** Prints an alert when its status changes: Alertmanager repeats every alert of a group when one of them changes. */
function deliveryPrinter({ say }: Progress): Parameters<typeof watchDeliveries>[1] {
  const last = new Map<string, string>()
  return ({ labels, status }) => {
    const alert = JSON.stringify(labels)
    if (labels.alertname !== 'Watchdog' && last.get(alert) !== status)
      say(`        ${labels.alertname}: delivered as ${status}`)
    last.set(alert, status)
  }
}

/** Lines that tell a user what to do after a drill. */
async function nextSteps(platform: Platform, staysUp: boolean): Promise<string[]> {
  const links = Object.entries(await platform.links()).map(([name, link]) => `  ${name.padEnd(14)} ${link}`)
  return staysUp
    ? ['The stack is still up:', ...links, 'Take it down with: make down']
    : ['Look around with: make up. Then:', ...links]
}

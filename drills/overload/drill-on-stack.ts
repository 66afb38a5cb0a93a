import { isColoured, type Progress } from '../../lib/progress.ts'
import { UserError } from '../../lib/user-error.ts'
import type { Platform } from '../../platforms/platform.ts'
import { watchDeliveries } from '../alerts/watch-deliveries.ts'
import { overloadDuration } from '../profile-demands.ts'
import { overloadReport } from '../report/overload-report.ts'
import { lastLines } from '../report/terminal.ts'
import { writeReport } from '../report/write-report.ts'
import { guard, restore } from './guard.ts'
import { type OverloadOptions, overloadDrill } from './overload-drill.ts'
import { reportFolder } from './report-folder.ts'

export interface DrillOptions extends Pick<OverloadOptions, 'autoscaled' | 'replicas' | 'seed'> {
  /** Whether to refuse to run on a stack that is already up. */
  readonly ownStack: boolean
  /** Whether a stack that the drill starts stays up afterwards. */
  readonly keep: boolean
  /** Folder of all reports. */
  readonly reports: string
}

/** Exit status by verdict. 75 is EX_TEMPFAIL of sysexits.h: try again later. */
export const EXIT_STATUS = { passed: 0, failed: 1, inconclusive: 75 } as const

/**
 * Runs the overload drill on the stack that is up and restores its replicas, or on a stack that the drill starts and takes down.
 * Writes the report, prints its summary, and returns the exit status.
 */
export async function drillOnStack(
  platform: Platform,
  { ownStack, keep, reports, ...options }: DrillOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const before = await platform.status()
  if (before && ownStack)
    throw new UserError('a stack is up already: take it down (make down), or drill on it (make drill DRILL=overload)')
  const profile = await platform.profile()
  const duration = overloadDuration(profile, options.autoscaled)
  if (duration !== undefined) progress.say(duration)
  const folder = reportFolder(reports)
  const fallen = new AbortController()
  const either = AbortSignal.any([signal, fallen.signal])
  await using ending = new AsyncDisposableStack()
  let giveBack = async () => {}
  ending.defer(() => restore(platform, before, giveBack, { keep: keep && !either.aborted }))
  const receiver = watchDeliveries(platform, deliveryPrinter(progress))
  ending.defer(receiver.stop)
  ending.defer(progress.end)
  const staysUp = before !== undefined || keep
  progress.step('Find or install the programs')
  await platform.install(signal)
  progress.step('Start one replica of the service', 3)
  await platform.up({ monitoring: false, attached: !staysUp, signal })
  giveBack = await platform.borrowReplicas()
  if (options.autoscaled) ending.defer(() => platform.autoscale(undefined).catch(error => console.log(error.message)))
  const phase = () => progress.title
  ending.defer(guard(platform, phase, reason => fallen.abort(reason)))
  const result = await overloadDrill({ platform, folder, progress, signal: either, profile, receiver, ...options })
  const report = overloadReport(result)
  const files = await writeReport(report, folder)
  const next = await nextSteps(platform, staysUp)
  console.log(lastLines(report, result.checks, files, { colour: isColoured(), next }).join('\n'))
  signal.throwIfAborted()
  return EXIT_STATUS[result.verdict]
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

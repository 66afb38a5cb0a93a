import { poll } from '../../lib/poll.ts'
import { failureOf } from '../../lib/user-error.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { PartFaults } from '../../platforms/platform.ts'
import { deliveryBounds } from '../overload/bounds.ts'
import { atMost } from '../overload/checks.ts'
import type { AlertResult, Monitoring } from './alert-result.ts'
import { unixTime } from './prove.ts'

const HEARTBEAT_SECONDS = secondsOf(PROFILE.grouping.heartbeat)
const BOUNDS = deliveryBounds(PROFILE)

/** Missing heartbeats after which the receiver must notice. */
const MISSING = 2

/** Runs the drill of Watchdog: its notifications arrive, stop while Alertmanager is paused, and arrive again. */
export async function proveWatchdog(
  { deliveries, say, signal }: Monitoring,
  parts: PartFaults,
  platform: string,
): Promise<AlertResult> {
  const how = 'Alertmanager is paused (SIGSTOP) until the missing notifications must be noticed'
  const lastBeat = () =>
    deliveries.findLast(({ labels, status }) => labels.alertname === 'Watchdog' && status === 'firing')?.at ?? 0
  const beatAfter = (time: number, timeoutSeconds: number) =>
    poll(() => lastBeat() > time && lastBeat(), { timeoutSeconds, signal })
  let [began, ended] = [unixTime(), unixTime()]
  let before: number | undefined
  let detection: number | undefined
  let recovery: number | undefined
  let failure: string | undefined
  try {
    const first = await beatAfter(began, 3 * HEARTBEAT_SECONDS)
    before = first && (await beatAfter(first, 3 * HEARTBEAT_SECONDS))
    say(`Watchdog: ${how}`)
    began = unixTime()
    await parts.pause('alertmanager')
    try {
      const isSilent = () => unixTime() - lastBeat() > (MISSING + 1) * HEARTBEAT_SECONDS && unixTime() - began
      detection = await poll(isSilent, { timeoutSeconds: BOUNDS.delivered, signal })
    } finally {
      await parts.resume('alertmanager')
    }
    ended = unixTime()
    say(`Watchdog: ${detection ? 'missing' : 'NOT MISSING'} after ${(ended - began).toFixed(0)} s`)
    const next = await beatAfter(ended, BOUNDS.resolved)
    recovery = next && next - ended
    say(`Watchdog: ${next ? 'delivered' : 'NOT DELIVERED'} again after ${(unixTime() - ended).toFixed(0)} s`)
  } catch (error) {
    failure = failureOf(error, signal)
    say(`Watchdog: FAILED: ${failure}`)
  }
  return {
    ...{ alert: 'Watchdog', kind: 'drilled', platform, how, began, ended, bound: BOUNDS.delivered, others: [] },
    checks: [
      { name: 'deliveries before the cause', expected: 'two', seen: before ? 'two' : 'fewer', ok: Boolean(before) },
      atMost('cause to missing', detection, BOUNDS.delivered, ' s'),
      atMost('end of the cause to the next delivery', recovery, BOUNDS.resolved, ' s'),
    ],
    ...{ detection, recovery, failure },
  }
}

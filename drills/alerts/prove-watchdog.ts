import { poll } from '../../lib/poll.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { PartFaults } from '../../platforms/platform.ts'
import { deliveryBounds } from '../overload/bounds.ts'
import { atMost } from '../overload/checks.ts'
import type { AlertResult, Monitoring } from './alert-result.ts'
import { failureOf, unixTime } from './prove.ts'

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
  const beats = () => deliveries.filter(({ labels, status }) => labels.alertname === 'Watchdog' && status === 'firing')
  const last = () => beats().at(-1)?.at ?? 0
  const arrivesAfter = async (time: number, timeoutSeconds: number) =>
    (await poll(() => last() > time, { timeoutSeconds, signal })) ?? false
  let [began, ended] = [unixTime(), unixTime()]
  let [before, silent, after] = [false, false, false]
  let failure: string | undefined
  try {
    const timeout = 3 * HEARTBEAT_SECONDS
    before = (await arrivesAfter(unixTime(), timeout)) && (await arrivesAfter(last(), timeout))
    say(`Watchdog: ${how}`)
    began = unixTime()
    await parts.pause('alertmanager')
    try {
      const isSilent = () => unixTime() - last() > (MISSING + 1) * HEARTBEAT_SECONDS
      silent = (await poll(isSilent, { timeoutSeconds: BOUNDS.delivered, signal })) ?? false
    } finally {
      await parts.resume('alertmanager')
    }
    ended = unixTime()
    say(`Watchdog: ${silent ? 'missing' : 'NOT MISSING'} after ${(ended - began).toFixed(0)} s`)
    after = await arrivesAfter(ended, BOUNDS.resolved)
    say(`Watchdog: ${after ? 'delivered' : 'NOT DELIVERED'} again after ${(unixTime() - ended).toFixed(0)} s`)
  } catch (error) {
    failure = failureOf(error, signal)
    say(`Watchdog: FAILED: ${failure}`)
  }
  const detection = silent ? ended - began : undefined
  const next = after ? beats().find(({ at }) => at > ended)?.at : undefined
  const recovery = next === undefined ? undefined : next - ended
  return {
    ...{ alert: 'Watchdog', kind: 'drilled', platform, how, began, ended, bound: BOUNDS.delivered, others: [] },
    checks: [
      { name: 'deliveries before the cause', expected: 'two', seen: before ? 'two' : 'fewer', ok: before },
      atMost('cause to missing', detection, BOUNDS.delivered, ' s'),
      atMost('end of the cause to the next delivery', recovery, BOUNDS.resolved, ' s'),
    ],
    detection,
    recovery,
    failure,
  }
}

import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { PartFaults } from '../../platforms/platform.ts'
import { DEMANDS } from '../overload/bounds.ts'
import { atMost, eventually } from '../overload/engine.ts'
import type { Proof, Watch } from './proof.ts'

const heartbeat = secondsOf(PROFILE.grouping.heartbeat)

/** After so many that are missing, whoever listens knows. */
const MISSING = 2

const now = () => Date.now() / 1000

/** Proves Watchdog by its silence: it arrives all the time, does not while Alertmanager hangs, and does again after that. */
export async function proveSilence(
  { deliveries, say, signal }: Watch,
  parts: PartFaults,
  platform: string,
): Promise<Proof> {
  const how = 'Alertmanager is stopped (SIGSTOP), so that nothing arrives, until somebody must have noticed'
  const isHeartbeat = ({ labels, status }: Delivery) => labels.alertname === 'Watchdog' && status === 'firing'
  const last = () => deliveries.findLast(isHeartbeat)?.at ?? 0
  const beats = (from: number) => eventually(3 * heartbeat, signal, () => last() > from)
  let [began, ended] = [now(), now()]
  let [before, after, silent] = [false, false, false]
  let failure: string | undefined
  try {
    before = (await beats(now())) && (await beats(last()))
    say(`Watchdog: ${how}`)
    began = now()
    await parts.pause('alertmanager')
    try {
      silent = await eventually(DEMANDS.delivered, signal, () => now() - last() > (MISSING + 1) * heartbeat)
    } finally {
      await parts.resume('alertmanager')
    }
    const noticed = now()
    say(`Watchdog: ${silent ? 'silent, and missed' : 'NOT SILENT'} after ${(noticed - began).toFixed(0)} s`)
    ended = noticed
    after = await eventually(DEMANDS.resolved, signal, () => last() > noticed)
    say(`Watchdog: ${after ? 'arrives again' : 'DOES NOT ARRIVE'} after ${(now() - ended).toFixed(0)} s`)
  } catch (error) {
    failure = (signal.aborted ? (signal.reason as Error) : (error as Error)).message
    say(`Watchdog: FAILED: ${failure}`)
  }
  const detection = silent ? ended - began : undefined
  const recovery = after
    ? (deliveries.find(entry => isHeartbeat(entry) && entry.at > ended)?.at ?? now()) - ended
    : undefined
  return {
    ...{ alert: 'Watchdog', kind: 'drilled', platform, how, began, ended, bound: DEMANDS.delivered, beside: [] },
    checks: [
      { name: 'it arrives before', expected: 'twice', seen: before ? 'twice' : 'less', ok: before },
      atMost('cause to silence noticed', detection, DEMANDS.delivered, ' s'),
      atMost('end of the cause to the next one', recovery, DEMANDS.resolved, ' s'),
    ],
    ...(detection !== undefined && { detection }),
    ...(recovery !== undefined && { recovery }),
    ...(failure !== undefined && { failure }),
  }
}

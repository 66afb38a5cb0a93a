import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { every } from '../../lib/poll.ts'
import type { Platform } from '../../platforms/platform.ts'

/** The notifications of Alertmanager, as they arrive. */
export interface Reception {
  /** In order of arrival. */
  readonly deliveries: readonly Delivery[]
  stop(): void
}

/**
 * Asks the receiver of a platform every 0.5 s for the deliveries from now on; each has the time of its arrival by the
 * receiver's clock. The receiver may start later, or restart.
 */
export function watchDeliveries(
  platform: Pick<Platform, 'deliveries'>,
  onDelivery: (delivery: Delivery) => void = () => {},
): Reception {
  const beganSeconds = Date.now() / 1000
  const deliveries: Delivery[] = []
  let next = 0
  let process = ''

  async function ask(): Promise<void> {
    const answer = await platform.deliveries(next)
    if (answer === undefined) return
    const hasRestarted = process !== '' && answer.process !== process
    process = answer.process
    next = hasRestarted ? 0 : answer.next
    if (hasRestarted) return
    for (const delivery of answer.deliveries.filter(({ at }) => at >= beganSeconds)) {
      deliveries.push(delivery)
      onDelivery(delivery)
    }
  }
  // An error means that the receiver is not up yet. A delivery that never arrives fails the drill.
  return { deliveries, stop: every(0.5, ask) }
}

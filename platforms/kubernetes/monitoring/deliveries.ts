import type { Deliveries, Delivery } from '../../../k8s/monitoring/receiver.ts'
import { poll } from '../../../lib/poll.ts'
import type { Reception } from '../../platform.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { core, MONITORING_NAMESPACE } from '../cluster/names.ts'

/** Path of the receiver's deliveries behind the API server's proxy. */
const ALERTS = `${core(MONITORING_NAMESPACE, 'services')}/alert-receiver:9099/proxy/alerts`

/**
 * Asks the receiver's pod every 0.5 s for the deliveries from now on; each has the time of its arrival by the
 * receiver's clock. The pod may start later, or restart.
 */
export function watchDeliveries(apiServer: ApiServer, onDelivery: (delivery: Delivery) => void): Reception {
  const beganSeconds = Date.now() / 1000
  const deliveries: Delivery[] = []
  let next = 0
  let process = ''

  async function ask(): Promise<void> {
    const response = await apiServer.fetch(`${ALERTS}?since=${next}`)
    if (!response.ok) return
    const answer = (await response.json()) as Deliveries
    const hasRestarted = process !== '' && answer.process !== process
    process = answer.process
    next = hasRestarted ? 0 : answer.next
    if (hasRestarted) return
    for (const delivery of answer.deliveries.filter(({ at }) => at >= beganSeconds)) {
      deliveries.push(delivery)
      onDelivery(delivery)
    }
  }
  const stop = new AbortController()
  // An error means that the receiver is not up yet. A delivery that never arrives fails the drill.
  const watch = poll(() => ask().catch(() => {}), {
    timeoutSeconds: Number.POSITIVE_INFINITY,
    intervalSeconds: 0.5,
    signal: stop.signal,
  })
  watch.catch(() => {})
  return { deliveries, stop: async () => stop.abort() }
}

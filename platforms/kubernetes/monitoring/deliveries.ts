import type { Deliveries, Delivery } from '../../../k8s/monitoring/receiver.ts'
import type { Reception } from '../../platform.ts'
import type { ApiServer } from '../cluster/api.ts'
import { core, MONITORING_NAMESPACE } from '../cluster/names.ts'

/** Milliseconds between two looks; a delivery has its time from the receiver's own clock. */
const EVERY = 500

/** What the receiver pod got since now, read through the API server. It may come up later, and start again. */
export function watchDeliveries(api: ApiServer, onDelivery: (delivery: Delivery) => void): Reception {
  const since = Date.now() / 1000
  const deliveries: Delivery[] = []
  let watching = true
  let [next, process] = [0, '']

  async function look() {
    const path = `${core(MONITORING_NAMESPACE, 'services')}/alert-receiver:9099/proxy/alerts?since=${next}`
    const response = await api.fetch(path)
    if (!response.ok) return
    const answer = (await response.json()) as Deliveries
    const restarted = process !== '' && answer.process !== process
    process = answer.process
    next = restarted ? 0 : answer.next
    for (const delivery of restarted ? [] : answer.deliveries) {
      if (delivery.at < since) continue
      deliveries.push(delivery)
      onDelivery(delivery)
    }
  }
  const watch = async () => {
    for (; watching; await Bun.sleep(EVERY)) await look().catch(() => {}) // what does not arrive fails the drill
  }
  watch()
  return {
    deliveries,
    async stop() {
      watching = false
    },
  }
}

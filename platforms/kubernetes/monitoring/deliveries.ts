import type { Deliveries } from '../../../k8s/monitoring/receiver.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { core, MONITORING_NAMESPACE } from '../cluster/names.ts'

/** Path of the receiver's deliveries behind the API server's proxy. */
const ALERTS = `${core(MONITORING_NAMESPACE, 'services')}/alert-receiver:9099/proxy/alerts`

/** Reads deliveries from the receiver's pod, from an index on. Returns undefined when the pod does not answer. */
export async function readDeliveries(apiServer: ApiServer, since: number): Promise<Deliveries | undefined> {
  const response = await apiServer.fetch(`${ALERTS}?since=${since}`)
  return response.ok ? ((await response.json()) as Deliveries) : undefined
}

import { SERVICE_CONFIG } from '../chosen-service.ts'
import { every } from '../lib/poll.ts'
import type { ApiServer } from '../platforms/kubernetes/cluster/api-server.ts'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { isReady, servicePods } from '../platforms/kubernetes/cluster/workloads.ts'
import { readyEndpoints } from './support.ts'

const NAME = SERVICE_CONFIG.name

interface Autoscaler {
  readonly status: {
    readonly desiredReplicas?: number
    readonly currentMetrics?: readonly { resource?: { current: { averageValue?: string } } }[] | null
    readonly conditions?: readonly { type: string; status: string; message: string }[]
  }
}

/** Watches, twice per second, whether saturation restarts a pod, makes it unready, or hides its metrics from the autoscaler. */
export function watchSaturation(api: ApiServer) {
  /** Minimum number of ready addresses behind the Service. */
  let leastEndpoints = Number.POSITIVE_INFINITY
  /** Container restarts by pod. */
  const restarts = new Map<string, number>()
  const ready = new Set<string>()
  /** Pods that became unready. */
  const unready = new Set<string>()
  /** Each new figure of the autoscaler, with the replicas that it asked for or the reason why it asked for none. */
  const autoscaled: string[] = []

  async function look() {
    for (const pod of await servicePods(api)) {
      const { name } = pod.metadata
      restarts.set(name, pod.status.containerStatuses?.[0]?.restartCount ?? 0)
      if (isReady(pod)) ready.add(name)
      else if (ready.has(name)) unready.add(name)
    }
    leastEndpoints = Math.min(leastEndpoints, await readyEndpoints())
    const autoscalers = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`
    const status = (await api.get<Autoscaler>(`${autoscalers}/${NAME}`))?.status
    const figure = status?.currentMetrics?.[0]?.resource?.current.averageValue
    const inactive = status?.conditions?.find(({ type, status }) => type === 'ScalingActive' && status === 'False')
    const line = inactive?.message ?? `${figure} per pod, so ${status?.desiredReplicas} replicas`
    if (figure !== undefined && line !== autoscaled.at(-1)) autoscaled.push(line)
  }
  return {
    stop: every(0.5, look, ({ message }) => console.warn(`not seen: ${message}`)),
    seen: () => ({
      restarts: [...restarts.values()].reduce((sum, count) => sum + count, 0),
      leastEndpoints,
      unready: [...unready],
      autoscaled,
    }),
  }
}

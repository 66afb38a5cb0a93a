import type { ApiServer } from '../platforms/kubernetes/cluster/api.ts'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { isReady, servicePods } from '../platforms/kubernetes/cluster/pods.ts'
import { readyEndpoints } from './support.ts'

/** What was seen of the service's pods over a time. */
export interface Saturation {
  /** Containers that ended by themselves. */
  readonly restarts: number
  /** The least number of addresses behind the Service. */
  readonly leastEndpoints: number
  /** Pods that had been ready, and were not any more. */
  readonly unready: readonly string[]
  /** Each new figure of the autoscaler, with the replicas that it wanted; where it had none, why. */
  readonly autoscaled: readonly string[]
}

interface Autoscaler {
  readonly status: {
    readonly desiredReplicas?: number
    readonly currentMetrics?:
      | readonly { readonly resource?: { readonly current: { readonly averageValue?: string } } }[]
      | null
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
  }
}

/** Watches, twice a second, whether saturation kills a pod, takes an address away, or hides a pod from the autoscaler. */
export function watchSaturation(api: ApiServer): { stop(): void; seen(): Saturation } {
  let watching = true
  let leastEndpoints = Number.POSITIVE_INFINITY
  const restarts = new Map<string, number>()
  const ready = new Set<string>()
  const unready = new Set<string>()
  const autoscaled: string[] = []

  async function look() {
    const pods = await servicePods(api)
    for (const pod of pods) {
      const { name } = pod.metadata
      restarts.set(name, pod.status.containerStatuses?.[0]?.restartCount ?? 0)
      if (isReady(pod)) ready.add(name)
      else if (ready.has(name)) unready.add(name)
    }
    leastEndpoints = Math.min(leastEndpoints, await readyEndpoints())
    const path = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/tipping-point`
    const hpa = await api.get<Autoscaler>(path)
    if (hpa === undefined) return
    const { desiredReplicas, currentMetrics, conditions } = hpa.status
    const blind = conditions?.find(({ type, status }) => type === 'ScalingActive' && status === 'False')
    const figure = currentMetrics?.[0]?.resource?.current.averageValue
    const line = blind ? `blind: ${blind.message}` : `${figure} a pod, so ${desiredReplicas}`
    if (figure !== undefined && line !== autoscaled.at(-1)) autoscaled.push(line)
  }
  const watch = async () => {
    for (; watching; await Bun.sleep(500)) await look().catch(error => console.warn(`not seen: ${error.message}`))
  }
  watch()
  return {
    stop: () => {
      watching = false
    },
    seen: () => ({
      restarts: [...restarts.values()].reduce((sum, count) => sum + count, 0),
      leastEndpoints,
      unready: [...unready],
      autoscaled,
    }),
  }
}

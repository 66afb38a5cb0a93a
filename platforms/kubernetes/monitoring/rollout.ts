import { poll } from '../../../lib/poll.ts'
import { sayEvery } from '../../../lib/progress.ts'
import type { ActionOptions, Cluster } from '../cluster/cluster.ts'
import { MONITORING_NAMESPACE } from '../cluster/names.ts'
import {
  isReady,
  isRolledOut,
  monitoringWorkloads,
  type Pod,
  releaseOf,
  unpullableImages,
  type Workload,
  whyNotRunning,
} from '../cluster/workloads.ts'

interface RolloutOptions extends ActionOptions {
  /** For every workload to roll out (default: 300), and between two lines of progress (default: 10). */
  readonly timeoutSeconds?: number
  readonly progressSeconds?: number
  /** Until a workload without its image is given up. Default: 30, in which kubelet tries twice. */
  readonly pullSeconds?: number
}

/** Why a release, or a workload of a release, is not up. */
export interface ReleaseFailure {
  readonly release: string | undefined
  readonly reason: string
}

/**
 * Waits until the workloads of the monitoring that `isOurs` accepts have rolled out, and returns those that have not. Says
 * at once which image cannot be pulled and what to do, and goes on waiting for the other workloads.
 */
export async function untilRolledOut(
  cluster: Cluster,
  isOurs: (workload: Workload) => boolean,
  { say, signal, timeoutSeconds = 300, pullSeconds = 30, progressSeconds = 10 }: RolloutOptions,
): Promise<ReleaseFailure[]> {
  const tell = sayEvery(progressSeconds, say)
  /** By the name of each workload that lacks an image: since when, in milliseconds. */
  let lacking = new Map<string, number>()
  let unready: Awaited<ReturnType<typeof unreadyWorkloads>> = []

  async function isOver(): Promise<boolean> {
    unready = await unreadyWorkloads(cluster, isOurs)
    const now = performance.now()
    const withoutImage = unready.filter(({ images }) => images !== '')
    for (const { name, images } of withoutImage)
      if (!lacking.has(name))
        say(
          `  ${name} cannot pull the image ${images}; let the nodes reach its registry, or load it into the nodes ` +
            '(kind load docker-image, minikube image load)',
        )
    lacking = new Map(withoutImage.map(({ name }) => [name, lacking.get(name) ?? now]))
    if (unready.every(({ name }) => now - (lacking.get(name) ?? now) >= pullSeconds * 1000)) return true
    tell(`  waiting for ${unready.map(({ text }) => text).join(', ')}`)
    return false
  }
  const began = performance.now()
  await poll(isOver, { timeoutSeconds, intervalSeconds: 1, signal })
  const seconds = Math.round((performance.now() - began) / 1000)
  return unready.map(({ release, text }) => ({ release, reason: `not ready after ${seconds} s: ${text}` }))
}

/** The workloads that have not rolled out: the images that they cannot pull, and the name with the reason as text. */
async function unreadyWorkloads(cluster: Cluster, isOurs: (workload: Workload) => boolean) {
  const workloads = await monitoringWorkloads(cluster)
  const list = await cluster.get<{ items: Pod[] }>('pods', '-n', MONITORING_NAMESPACE)
  const unreadyPods = (list?.items ?? []).filter(pod => !pod.metadata.deletionTimestamp && !isReady(pod))
  return workloads
    .filter(workload => isOurs(workload) && !isRolledOut(workload))
    .map(workload => {
      const { name } = workload.metadata
      const pods = unreadyPods.filter(pod => selects(workload, pod))
      const images = [...new Set(pods.flatMap(unpullableImages))].join(' and ')
      const reason = images ? `cannot pull the image ${images}` : pods.map(whyNotRunning).find(Boolean)
      return { name, release: releaseOf(workload), images, text: reason ? `${name} (${reason})` : name }
    })
}

const selects = ({ spec }: Workload, { metadata }: Pod) =>
  Object.entries(spec.selector.matchLabels ?? {}).every(([label, value]) => metadata.labels?.[label] === value)

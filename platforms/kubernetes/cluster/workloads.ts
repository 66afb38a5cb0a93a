import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { isReady, type Pod, trouble } from './pods.ts'

/** What a Deployment, a StatefulSet and a DaemonSet have of interest. */
export interface Workload {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly generation: number
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly replicas?: number
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
  }
  readonly status: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberReady?: number
  }
}

/** The release of Helm that a workload is of, by the label that every chart gives. */
export const releaseOf = ({ metadata }: Workload) => metadata.labels?.['app.kubernetes.io/instance']

/** The workloads of a namespace. */
export async function workloadsOf(cluster: Cluster, namespace: string): Promise<Workload[]> {
  const list = await cluster.get<{ items: Workload[] }>('deployments,statefulsets,daemonsets', '-n', namespace)
  return list?.items ?? []
}

/** Whether as many pods as are wanted are of the newest revision and ready, and no older one is left. */
export function isRolledOut({ kind, metadata, spec, status }: Workload): boolean {
  if ((status.observedGeneration ?? 0) < metadata.generation) return false
  if (kind === 'DaemonSet') {
    const wanted = status.desiredNumberScheduled ?? 0
    return (status.updatedNumberScheduled ?? 0) === wanted && (status.numberReady ?? 0) === wanted
  }
  const wanted = spec.replicas ?? 1
  return [status.replicas, status.updatedReplicas, status.readyReplicas].every(count => (count ?? 0) === wanted)
}

const PULL_FAILED = /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName)$/

/** The images that a pod lacks because they cannot be pulled. */
function missingImages({ status }: Pod): string[] {
  const statuses = (status.containerStatuses ?? []) as readonly (Waiting & { readonly image: string })[]
  return statuses.filter(({ state }) => PULL_FAILED.test(state.waiting?.reason ?? '')).map(({ image }) => image)
}

type Waiting = NonNullable<Pod['status']['containerStatuses']>[number]

export interface WaitOptions {
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
  /** Seconds for everything to be ready. */
  readonly timeout?: number
  /** Seconds after which an image that cannot be pulled is given up: kubelet has tried twice by then. */
  readonly imagePatience?: number
  /** Seconds between two lines of progress. */
  readonly progress?: number
}

/**
 * Waits until the workloads of a namespace that are `ours` have rolled out; why those that have not did not, a line each.
 * An image that cannot be pulled is said at once; the other workloads are waited for nevertheless.
 */
export async function untilRolledOut(
  cluster: Cluster,
  namespace: string,
  ours: (workload: Workload) => boolean,
  { say, signal, timeout = 300, imagePatience = 30, progress = 10 }: WaitOptions,
): Promise<string[]> {
  const begin = Date.now()
  const lacking = new Map<string, number>() // since when a workload lacks an image
  let told = begin
  for (; ; await wait(1000, undefined, { ...(signal && { signal }) })) {
    const [all, list] = await Promise.all([
      workloadsOf(cluster, namespace),
      cluster.get<{ items: Pod[] }>('pods', '-n', namespace),
    ])
    const pods = (list?.items ?? []).filter(({ metadata }) => !metadata.deletionTimestamp)
    const now = Date.now()
    const reasons = new Map<string, string>()
    for (const workload of all.filter(ours)) {
      const { name } = workload.metadata
      if (isRolledOut(workload)) {
        lacking.delete(name)
        continue
      }
      const own = pods.filter(pod => !isReady(pod) && matches(pod, workload))
      const images = [...new Set(own.flatMap(missingImages))].join(' and ')
      const why = images ? `cannot pull ${images}` : own.map(trouble).find(Boolean)
      reasons.set(name, why ? `${name} (${why})` : name)
      if (!images) lacking.delete(name)
      else if (!lacking.has(name)) {
        lacking.set(name, now)
        say(
          `  ${name} cannot pull ${images}: give the cluster a way to the registry, or load it into the nodes ` +
            '(kind load docker-image, minikube image load)',
        )
      }
    }
    const given = [...reasons.keys()].every(name => now - (lacking.get(name) ?? now) >= imagePatience * 1000)
    if (given || now - begin >= timeout * 1000)
      return [...reasons.values()].map(reason => `not ready after ${seconds(now - begin)} s: ${reason}`)
    if (now - told < progress * 1000) continue
    told = now
    say(`  waiting for ${[...reasons.values()].join(', ')}`)
  }
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 1000)

const matches = ({ metadata }: Pod, { spec }: Workload) =>
  Object.entries(spec.selector.matchLabels).every(([label, value]) => metadata.labels?.[label] === value)

import { CONTAINER } from '../../../monitoring/targets.ts'
import type { Part, Status } from '../../platform.ts'
import type { ApiServer } from './api.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE, SERVICE } from './names.ts'

/** What is read of a pod. */
export interface Pod {
  readonly metadata: {
    readonly name: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
  readonly status: {
    readonly phase: string
    readonly reason?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly restartCount: number
  readonly state: {
    readonly waiting?: { readonly reason: string; readonly message?: string }
    readonly terminated?: { readonly exitCode: number }
  }
  readonly lastState: { readonly terminated?: { readonly reason: string; readonly exitCode: number } }
}

export interface Deployment {
  readonly spec: {
    readonly replicas: number
    readonly template?: { readonly spec: { readonly containers: readonly DeployedContainer[] } }
  }
  readonly status: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly observedGeneration?: number
  }
  readonly metadata: { readonly generation: number }
}

interface DeployedContainer {
  readonly name: string
  readonly resources?: { readonly limits?: { readonly cpu?: string } }
}

/** How the CPU of the service's container is limited, for people. */
function cpuLimitOf({ spec }: Deployment): string {
  const container = spec.template?.spec.containers.find(({ name }) => name === CONTAINER)
  const cpu = container?.resources?.limits?.cpu
  return cpu === undefined ? 'no limit' : `${cpu} of a core, by the kernel (the container's limit)`
}

/** How a pod has ended for good. One that was evicted stays on the list, long after another is in its place. */
const ENDED = ['Succeeded', 'Failed']

/** The pods of a namespace that are not on their way out. */
export async function podsOf(api: ApiServer, namespace: string): Promise<Pod[]> {
  const list = await api.get<{ items: Pod[] }>(core(namespace, 'pods'))
  return (list?.items ?? []).filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && !ENDED.includes(status.phase),
  )
}

/** The pods of the service that are not on their way out. */
export const servicePods = async (api: ApiServer) =>
  (await podsOf(api, NAMESPACE)).filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === SERVICE)

export const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** Why a pod does not run, in a line; undefined where nothing speaks against it. */
export function trouble({ status }: Pod): string | undefined {
  const waiting = status.containerStatuses?.map(({ state }) => state.waiting).find(waiting => waiting?.message)
  if (waiting !== undefined) return `${waiting.reason}: ${waiting.message}`
  return status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')?.message
}

/** The service's Deployment; undefined where there is none. */
export const deployment = (api: ApiServer) =>
  api.get<Deployment>(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${SERVICE}`)

/** What is up on a cluster; undefined where nothing is. */
export async function readStatus(api: ApiServer): Promise<Status | undefined> {
  const [wanted, own, monitoring] = await Promise.all([
    deployment(api),
    servicePods(api),
    podsOf(api, MONITORING_NAMESPACE),
  ])
  if (wanted === undefined && monitoring.length === 0) return undefined
  return {
    replicas: wanted?.spec.replicas ?? 0,
    cpuLimit: wanted === undefined ? 'no limit' : cpuLimitOf(wanted),
    monitoring: monitoring.some(({ metadata }) => metadata.name.startsWith('prometheus-server')),
    parts: [...own.map(pod => partOf(pod, NAMESPACE)), ...monitoring.map(pod => partOf(pod, MONITORING_NAMESPACE))],
  }
}

function partOf(pod: Pod, namespace: string): Part {
  const { name } = pod.metadata
  const statuses = pod.status.containerStatuses ?? []
  const end = statuses.map(({ lastState }) => lastState.terminated).find(terminated => terminated !== undefined)
  const why = trouble(pod)
  return {
    name,
    state: isReady(pod) ? 'healthy' : why !== undefined ? 'unhealthy' : 'starting',
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(end && { lastEnd: `ended with exit code ${end.exitCode} (${end.reason})` }),
    details: why ?? `kubectl -n ${namespace} logs ${name}`,
  }
}

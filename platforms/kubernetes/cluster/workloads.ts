import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import type { IPod } from 'kubernetes-models/v1/Pod'
import type { ApiServer } from './api-server.ts'
import type { Cluster } from './cluster.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE, SERVICE } from './names.ts'

/** An object as the API server returns it: nothing at its top level is missing, and it has a name. */
type Stored<T> = Required<T> & { readonly metadata: { readonly name: string } }

export type Pod = Stored<IPod>
export type Workload = Stored<IDeployment | IStatefulSet | IDaemonSet>

/** Phases of a pod that has ended. An evicted pod stays in the list long after another has replaced it. */
const ENDED = ['Succeeded', 'Failed']

/** The pods of a namespace, without those that have ended or are being deleted. */
export async function podsOf(apiServer: ApiServer, namespace: string): Promise<Pod[]> {
  const list = await apiServer.get<{ items: Pod[] }>(core(namespace, 'pods'))
  return (list?.items ?? []).filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && !ENDED.includes(status.phase ?? ''),
  )
}

/** The pods of the service, without those that have ended or are being deleted. */
export const servicePods = async (apiServer: ApiServer): Promise<Pod[]> =>
  (await podsOf(apiServer, NAMESPACE)).filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === SERVICE)

/** The Deployment of the service; undefined when the service is not deployed. */
export const serviceDeployment = (apiServer: ApiServer): Promise<Stored<IDeployment> | undefined> =>
  apiServer.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${SERVICE}`)

/** The Deployments, StatefulSets and DaemonSets of the monitoring. */
export async function monitoringWorkloads(cluster: Cluster): Promise<Workload[]> {
  const args = ['deployments,statefulsets,daemonsets', '-n', MONITORING_NAMESPACE]
  return (await cluster.get<{ items: Workload[] }>(...args))?.items ?? []
}

/** The Helm release of a workload, by the label that every chart sets. */
export const releaseOf = ({ metadata }: Workload) => metadata.labels?.['app.kubernetes.io/instance']

/** Whether a pod has the condition Ready. */
export const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** Why a pod does not run, in one line; undefined when Kubernetes gives no reason. */
export function whyNotRunning({ status }: Pod): string | undefined {
  const waiting = status.containerStatuses?.map(({ state }) => state?.waiting).find(waiting => waiting?.message)
  if (waiting !== undefined) return `${waiting.reason}: ${waiting.message}`
  return status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')?.message
}

/** Kubelet's reasons for a container that waits because its image cannot be pulled. */
const PULL_FAILED = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']

/** The images of a pod that cannot be pulled. */
export const unpullableImages = ({ status }: Pod): string[] =>
  (status.containerStatuses ?? [])
    .filter(({ state }) => PULL_FAILED.includes(state?.waiting?.reason ?? ''))
    .map(({ image }) => image)

/** Whether a pod runs or has ended, or cannot start because an image cannot be pulled. */
export const isSettled = (pod: Pod) => pod.status.phase !== 'Pending' || unpullableImages(pod).length > 0

/** Whether every pod of a workload is of the newest revision and ready, and no older pod is left. */
export function isRolledOut(workload: Workload): boolean {
  const { generation = 0 } = workload.metadata
  if ((workload.status.observedGeneration ?? 0) < generation) return false
  if (workload.kind === 'DaemonSet') {
    const { desiredNumberScheduled, updatedNumberScheduled = 0, numberReady } = workload.status
    return updatedNumberScheduled === desiredNumberScheduled && numberReady === desiredNumberScheduled
  }
  const { replicas, updatedReplicas, readyReplicas } = workload.status
  return [replicas, updatedReplicas, readyReplicas].every(count => (count ?? 0) === (workload.spec.replicas ?? 1))
}

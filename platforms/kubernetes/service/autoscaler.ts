import { join } from 'node:path'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { UserError } from '../../../lib/user-error.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { NAMESPACE, SERVICE } from '../cluster/names.ts'

const HPA = join(import.meta.dir, '../../../k8s/components/hpa/hpa.yaml')

/**
 * Annotation with the bounds of an autoscaler whose replicas are borrowed. It outlives a drill that is killed, so that the next
 * drill gives back the right bounds.
 */
const BORROWED = `${SERVICE}.example/borrowed-bounds`

interface Autoscaler {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: IHorizontalPodAutoscaler['spec'] & { readonly maxReplicas: number }
}

/** The autoscaler of the service; undefined when it has none. */
async function findAutoscaler(apiServer: ApiServer): Promise<Autoscaler | undefined> {
  const path = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`
  const list = await apiServer.get<{ items: Autoscaler[] }>(path)
  return list?.items.find(({ spec }) => spec.scaleTargetRef.name === SERVICE)
}

const isBorrowed = ({ metadata }: Autoscaler) => metadata.annotations?.[BORROWED] !== undefined

const boundsOf = ({ spec: { minReplicas = 1, maxReplicas } }: Autoscaler) => ({ minReplicas, maxReplicas })

const patch = ({ kubectl }: Cluster, { metadata: { name } }: Autoscaler, change: object) =>
  kubectl(['-n', NAMESPACE, 'patch', 'hpa', name, '--type=merge', '--patch', JSON.stringify(change)])

/**
 * Lets {@link pinReplicas} set the number of replicas in place of the autoscaler, if there is one. Returns a function that
 * restores the bounds of the autoscaler.
 */
export async function borrowReplicas(cluster: Cluster, apiServer: ApiServer): Promise<() => Promise<void>> {
  const autoscaler = await findAutoscaler(apiServer)
  if (autoscaler === undefined) return async () => {}
  const bounds = autoscaler.metadata.annotations?.[BORROWED] ?? JSON.stringify(boundsOf(autoscaler))
  await patch(cluster, autoscaler, { metadata: { annotations: { [BORROWED]: bounds } } })
  return async () => {
    await patch(cluster, autoscaler, { metadata: { annotations: { [BORROWED]: null } }, spec: JSON.parse(bounds) })
  }
}

/**
 * Makes a number the only one that the autoscaler can choose; 0 turns the autoscaler off by itself. Does nothing without an
 * autoscaler. Throws a {@link UserError} when its replicas are not borrowed.
 */
export async function pinReplicas(cluster: Cluster, apiServer: ApiServer, replicas: number): Promise<void> {
  const autoscaler = await findAutoscaler(apiServer)
  if (autoscaler === undefined) return
  const { name } = autoscaler.metadata
  if (isBorrowed(autoscaler)) {
    if (replicas > 0) await patch(cluster, autoscaler, { spec: { minReplicas: replicas, maxReplicas: replicas } })
    return
  }
  const { minReplicas, maxReplicas } = boundsOf(autoscaler)
  throw new UserError(
    `the HorizontalPodAutoscaler ${name} sets the number of replicas (${minReplicas} to ${maxReplicas}) and would undo ` +
      `this; change its bounds, or delete it: kubectl --context ${cluster.context} -n ${NAMESPACE} delete hpa ${name}`,
  )
}

/**
 * Enables autoscaling up to `most` replicas: by the borrowed autoscaler, else by that of k8s/components/hpa. Undefined deletes the
 * latter, and leaves the borrowed one no choice but its maximum; {@link borrowReplicas} restores its own bounds.
 */
export async function applyAutoscaler(cluster: Cluster, apiServer: ApiServer, most: number | undefined): Promise<void> {
  const autoscaler = await findAutoscaler(apiServer)
  if (autoscaler !== undefined && isBorrowed(autoscaler)) {
    const { maxReplicas } = autoscaler.spec
    const bounds = most === undefined ? { minReplicas: maxReplicas } : { minReplicas: 1, maxReplicas: most }
    await patch(cluster, autoscaler, { spec: bounds })
    return
  }
  if (most === undefined) {
    await cluster.kubectl(['delete', '-f', HPA, '--ignore-not-found'])
    return
  }
  const hpa = Bun.YAML.parse(await Bun.file(HPA).text()) as IHorizontalPodAutoscaler
  const stdin = JSON.stringify({ ...hpa, spec: { ...hpa.spec, maxReplicas: most } })
  await cluster.kubectl(['apply', '-f', '-'], { stdin })
}

import { join } from 'node:path'
import { UserError } from '../../../lib/user-error.ts'

import type { ApiServer } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { NAMESPACE } from '../cluster/names.ts'
import type { Settings } from '../settings.ts'
import { buildImage, deliverImage } from './image.ts'
import { untilReady } from './replicas.ts'

const K8S = join(import.meta.dir, '../../../k8s')

/** Builds the release image, brings it to the cluster, and applies the overlay; resolves when its pods are ready. */
export async function deployService(
  cluster: Cluster,
  api: ApiServer,
  { overlay, registry }: Settings,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const options = { say, ...(signal && { signal }) }
  const image = await buildImage('release', options)
  const reference = await deliverImage(cluster, image, { ...options, ...(registry !== undefined && { registry }) })
  const manifests = await cluster.kubectl(['kustomize', join(K8S, 'overlays', overlay)])
  say(`applying k8s/overlays/${overlay} with ${reference}`)
  await cluster.kubectl(['apply', '-f', '-'], { stdin: withImage(manifests, reference), ...(signal && { signal }) })
  await untilReady(api, undefined, say, signal)
}

/** Manifests whose image of the service is this one, whatever registry and tag they name. */
export function withImage(manifests: string, reference: string): string {
  const pattern = /^(\s*(?:- )?image: )(?:\S+\/)?tipping-point(?::\S+)?$/gm
  if (!pattern.test(manifests)) throw new UserError('the manifests name no image tipping-point; see k8s/base')
  return manifests.replace(pattern, (_, before: string) => before + reference)
}

/** Removes the service and its namespace; false where there was none. */
export async function removeService(cluster: Cluster): Promise<boolean> {
  const out = await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=true'])
  return out.includes('deleted')
}

import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { NAMESPACE } from '../cluster/names.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { buildImage, deliverImage } from './image.ts'
import { untilPublished } from './reach.ts'
import { untilReady } from './replicas.ts'
import { withRanges } from './source-ranges.ts'

const OVERLAYS = join(import.meta.dir, '../../../k8s/overlays')

/** Builds the release image, delivers it to the cluster, and applies the overlay. Resolves when the pods are ready. */
export async function deployService(
  cluster: Cluster,
  apiServer: ApiServer,
  { overlay, registry, sourceRanges }: ClusterSettings,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const image = await deliverImage(cluster, await buildImage({ say, signal }), registry, { say, signal })
  const rendered = await cluster.kubectl(['kustomize', join(OVERLAYS, overlay)])
  const manifests = sourceRanges === undefined ? rendered : withRanges(rendered, sourceRanges)
  say(`applying k8s/overlays/${overlay} with ${image}`)
  await cluster.kubectl(['apply', '-f', '-'], { stdin: withImage(manifests, image), signal })
  await untilReady(apiServer, undefined, say, signal)
  await untilPublished(apiServer, say, signal)
}

/** Replaces the image of the service in manifests, whatever registry and tag they have. */
export function withImage(manifests: string, reference: string): string {
  const pattern = new RegExp(`^(\\s*(?:- )?image: )(?:\\S+/)?${SERVICE_CONFIG.name}(?::\\S+)?$`, 'gm')
  if (!pattern.test(manifests))
    throw new UserError(`no manifest has the image ${SERVICE_CONFIG.name}; compare k8s/base`)
  return manifests.replace(pattern, (_, before: string) => before + reference)
}

/** Deletes the namespace of the service. Returns a line for what it removed; none when the namespace did not exist. */
export async function removeService(cluster: Cluster): Promise<string[]> {
  const out = await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=true'])
  return out.trim() === '' ? [] : [`${NAMESPACE}: deleted, with everything in it`]
}

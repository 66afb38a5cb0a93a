import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../../lib/user-error.ts'

import type { ApiServer } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { core, NAMESPACE, SERVICE } from '../cluster/names.ts'
import { deployment, isReady, servicePods, trouble } from '../cluster/pods.ts'

/** Times in seconds. */
interface Patience {
  /** For pods to be ready: an image may have to be pulled first. Default: 180. */
  readonly ready?: number
  /** For each ready pod to answer: what routes to them needs a moment to learn of them. Default: 30. */
  readonly answer?: number
  /** Between two lines of progress. Default: 10. */
  readonly progress?: number
}

/** Who sets the number of replicas, where it is not whoever scales. */
interface Autoscaler {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string }
    readonly minReplicas?: number
    readonly maxReplicas: number
  }
}

/** The autoscaler that owns the number of replicas; undefined where there is none. */
async function autoscaler(api: ApiServer): Promise<Autoscaler | undefined> {
  const path = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`
  const { items } = (await api.get<{ items: Autoscaler[] }>(path)) ?? { items: [] }
  return items.find(({ spec }) => spec.scaleTargetRef.name === SERVICE)
}

const HPA = join(import.meta.dir, '../../../k8s/components/hpa/hpa.yaml')

/** Puts the hpa component's autoscaler in charge, up to so many replicas; undefined: takes it away. */
export async function applyAutoscaler(cluster: Cluster, most: number | undefined): Promise<void> {
  if (most === undefined) {
    await cluster.kubectl(['delete', '-f', HPA, '--ignore-not-found'])
    return
  }
  const hpa = Bun.YAML.parse(await Bun.file(HPA).text()) as Autoscaler
  await cluster.kubectl(['apply', '-f', '-'], {
    stdin: JSON.stringify({ ...hpa, spec: { ...hpa.spec, maxReplicas: most } }),
  })
}

/**
 * Scales the service; resolves when exactly so many pods are ready and each has answered a request through the Service.
 * Throws a {@link UserError} where an autoscaler owns the number, or a pod does not come up.
 * @param origin of the Service as reached from here; undefined where it is not, then the API server asks it
 */
export async function scaleTo(
  cluster: Cluster,
  api: ApiServer,
  replicas: number,
  origin: string | undefined,
  say: (line: string) => void,
  patience: Patience = {},
): Promise<void> {
  const owner = await autoscaler(api)
  if (owner !== undefined) {
    const { name } = owner.metadata
    const { minReplicas = 1, maxReplicas } = owner.spec
    throw new UserError(
      `the HorizontalPodAutoscaler ${name} owns the number of replicas (${minReplicas} to ${maxReplicas}) and would set it ` +
        `back; change its bounds, or: kubectl --context ${cluster.context} -n ${NAMESPACE} delete hpa ${name}`,
    )
  }
  if ((await deployment(api)) === undefined) throw new UserError('nothing is up: make deploy')
  await cluster.kubectl(['-n', NAMESPACE, 'scale', 'deployment', SERVICE, `--replicas=${replicas}`])
  await untilReady(api, replicas, say, undefined, patience)
  await untilAnswered(api, origin, patience)
}

/** Resolves when the Deployment has rolled out, with `replicas` (default: what it asks for) pods ready, no more. */
export async function untilReady(
  api: ApiServer,
  replicas: number | undefined,
  say: (line: string) => void,
  signal?: AbortSignal,
  { ready: timeout = 180, progress = 10 }: Patience = {},
): Promise<void> {
  let told = Date.now()
  for (const end = Date.now() + timeout * 1000; ; await wait(250)) {
    signal?.throwIfAborted()
    const { metadata, spec, status } = (await deployment(api)) ?? {}
    const wanted = replicas ?? spec?.replicas
    const pods = await servicePods(api)
    const ready = pods.filter(isReady).length
    const rolledOut = (status?.updatedReplicas ?? 0) === wanted && status?.observedGeneration === metadata?.generation
    if (rolledOut && (status?.readyReplicas ?? 0) === wanted && ready === wanted && pods.length === wanted) return
    const why = pods.map(pod => trouble(pod) && `${pod.metadata.name}: ${trouble(pod)}`).find(Boolean)
    if (Date.now() > end)
      throw new UserError(`${ready} of ${wanted} pods are ready after ${timeout} s${why ? `; ${why}` : ''}`)
    if (Date.now() - told < progress * 1000) continue
    told = Date.now()
    say(`  ${ready} of ${wanted} pods are ready${why ? `; ${why}` : ''}`)
  }
}

/** Asks through the Service, a connection each time, until every ready pod has answered. */
async function untilAnswered(
  api: ApiServer,
  origin: string | undefined,
  { answer: timeout = 30 }: Patience,
): Promise<void> {
  const expected = (await servicePods(api)).map(({ metadata }) => metadata.name)
  const silent = new Set(expected)
  for (const end = Date.now() + timeout * 1000; silent.size > 0; ) {
    if (Date.now() > end)
      throw new UserError(`ready, but has not answered through the Service in ${timeout} s: ${[...silent].join(', ')}`)
    const instance = await askOne(api, origin)
    if (instance !== undefined) silent.delete(instance)
    await wait(instance === undefined ? 100 : 10)
  }
}

/** The pod that answers now; undefined where none does. */
async function askOne(api: ApiServer, origin: string | undefined): Promise<string | undefined> {
  const init = { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) }
  const proxied = `${core(NAMESPACE, 'services')}/${SERVICE}:http/proxy/`
  const asked = origin === undefined ? api.fetch(proxied, init) : fetch(`${origin}/`, init)
  const response = await asked.catch(() => undefined)
  if (!response?.ok) return undefined
  const about = (await response.json().catch(() => ({}))) as { instance?: string }
  return about.instance
}

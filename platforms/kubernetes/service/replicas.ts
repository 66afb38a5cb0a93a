import { poll } from '../../../lib/poll.ts'
import { sayEvery } from '../../../lib/progress.ts'
import { UserError } from '../../../lib/user-error.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { core, NAMESPACE, SERVICE } from '../cluster/names.ts'
import { isReady, isRolledOut, serviceDeployment, servicePods, whyNotRunning } from '../cluster/workloads.ts'
import { pinReplicas } from './autoscaler.ts'

/** Limits, which tests shorten. */
interface ScaleLimits {
  /** For all pods to become ready, an image pull included (default: 180), and for each to answer (default: 30). */
  readonly readySeconds?: number
  readonly answerSeconds?: number
  /** Between two lines of progress (default: 10). */
  readonly progressSeconds?: number
}

/**
 * Scales the service. Resolves when exactly `replicas` pods are ready and each has answered a request through the
 * Service. Throws a {@link UserError} when an autoscaler sets the number of replicas and has not lent them, or when a pod takes too long.
 * @param origin of the Service as seen from this machine; undefined sends the requests through the API server
 */
export async function scaleTo(
  cluster: Cluster,
  apiServer: ApiServer,
  replicas: number,
  origin: string | undefined,
  say: (line: string) => void,
  limits: ScaleLimits = {},
): Promise<void> {
  if ((await serviceDeployment(apiServer)) === undefined)
    throw new UserError('the service is not deployed; deploy it with: make deploy')
  await pinReplicas(cluster, apiServer, replicas)
  await cluster.kubectl(['-n', NAMESPACE, 'scale', 'deployment', SERVICE, `--replicas=${replicas}`])
  await untilReady(apiServer, replicas, say, undefined, limits)
  await untilAnswered(apiServer, origin, limits)
}

/**
 * Resolves when the Deployment has rolled out and exactly `replicas` pods exist, all ready; undefined: as many as the
 * Deployment asks for. Throws a {@link UserError} with the reason of a pod that does not run.
 */
export async function untilReady(
  apiServer: ApiServer,
  replicas: number | undefined,
  say: (line: string) => void,
  signal?: AbortSignal,
  { readySeconds = 180, progressSeconds = 10 }: ScaleLimits = {},
): Promise<void> {
  const tell = sayEvery(progressSeconds, say)
  let found = ''
  let reasons = ''
  async function isUp(): Promise<boolean> {
    const [workload, pods] = [await serviceDeployment(apiServer), await servicePods(apiServer)]
    const wanted = replicas ?? workload?.spec.replicas
    const ready = pods.filter(isReady).length
    const pod = pods.find(whyNotRunning)
    found = `${ready} of ${wanted} pods are ready`
    reasons = pod === undefined ? '' : `; ${pod.metadata.name}: ${whyNotRunning(pod)}`
    tell(`  ${found}${reasons}`)
    if (workload === undefined || workload.spec.replicas !== wanted || !isRolledOut(workload)) return false
    return ready === wanted && pods.length === wanted
  }
  const isReadyInTime = await poll(isUp, { timeoutSeconds: readySeconds, signal })
  if (!isReadyInTime) throw new UserError(`${found} after ${readySeconds} s${reasons}`)
}

/** Sends requests through the Service, each over a new connection, until every ready pod has answered. */
async function untilAnswered(
  apiServer: ApiServer,
  origin: string | undefined,
  { answerSeconds = 30 }: ScaleLimits,
): Promise<void> {
  const silent = new Set((await servicePods(apiServer)).map(({ metadata }) => metadata.name))
  async function haveAllAnswered(): Promise<boolean> {
    const name = await askAnyPod(apiServer, origin)
    if (name !== undefined) silent.delete(name)
    return silent.size === 0
  }
  if (await poll(haveAllAnswered, { timeoutSeconds: answerSeconds, intervalSeconds: 0.02 })) return
  throw new UserError(
    `ready pods that did not answer through the Service within ${answerSeconds} s: ${[...silent].join(', ')}; ` +
      `read their logs: kubectl -n ${NAMESPACE} logs POD`,
  )
}

/** The name of the pod that answers a request to the Service; undefined when none answers. */
async function askAnyPod(apiServer: ApiServer, origin: string | undefined): Promise<string | undefined> {
  const init = { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) }
  const proxied = `${core(NAMESPACE, 'services')}/${SERVICE}:http/proxy/`
  const asked = origin === undefined ? apiServer.fetch(proxied, init) : fetch(`${origin}/`, init)
  const response = await asked.catch(() => undefined)
  if (!response?.ok) return undefined
  const about = (await response.json().catch(() => ({}))) as { instance?: string }
  return about.instance
}

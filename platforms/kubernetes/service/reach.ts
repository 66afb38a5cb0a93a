import type { IService } from 'kubernetes-models/v1/Service'
import { poll } from '../../../lib/poll.ts'
import { UserError } from '../../../lib/user-error.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { core, NAMESPACE, SERVICE } from '../cluster/names.ts'

/** Milliseconds for the service to answer /livez. */
const ANSWER_TIMEOUT_MS = 3000
/** Seconds for a load balancer to get its address; Google takes about a minute. */
const ADDRESS_TIMEOUT_SECONDS = 180

/**
 * The origin of the service's API as seen from this machine: API_URL, else a load balancer or a NodePort on 127.0.0.1,
 * which spread new connections over the pods. A port-forward leads to one pod only. Throws a {@link UserError} when
 * nothing answers.
 */
export async function reachApi(apiServer: ApiServer, env: NodeJS.Dict<string>): Promise<string> {
  const origin = env.API_URL?.replace(/\/$/, '') || (await publishedOrigin(apiServer))
  if (origin !== undefined && (await isAlive(origin))) return origin
  const reason =
    origin === undefined ? 'its Service has no address outside the cluster' : `nothing answers at ${origin}`
  throw new UserError(
    `the API is not reachable from this machine (${reason}); set API_URL, or run k6 in the cluster: IN_CLUSTER=1`,
  )
}

const isAlive = (origin: string): Promise<boolean> =>
  fetch(`${origin}/livez`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    .then(({ ok }) => ok)
    .catch(() => false)

/** Waits until a Service with a load balancer has an address; says when it has none in time. */
export async function untilPublished(
  apiServer: ApiServer,
  say: (line: string) => void,
  signal?: AbortSignal,
  timeoutSeconds = ADDRESS_TIMEOUT_SECONDS,
): Promise<void> {
  const service = () => apiServer.get<IService>(`${core(NAMESPACE, 'services')}/${SERVICE}`)
  if ((await service())?.spec?.type !== 'LoadBalancer') return
  say('waiting for the address of the load balancer')
  if (await poll(() => publishedOrigin(apiServer), { timeoutSeconds, intervalSeconds: 1, signal })) return
  say(
    `the load balancer has no address after ${timeoutSeconds} s; the events say why: kubectl -n ${NAMESPACE} describe service ${SERVICE}`,
  )
}

/** The origin that the Service publishes outside the cluster; undefined when it publishes none. */
export async function publishedOrigin(apiServer: ApiServer): Promise<string | undefined> {
  const service = await apiServer.get<IService>(`${core(NAMESPACE, 'services')}/${SERVICE}`)
  const [port] = service?.spec?.ports ?? []
  const [ingress] = service?.status?.loadBalancer?.ingress ?? []
  if (ingress !== undefined) return `http://${ingress.ip ?? ingress.hostname}:${port?.port}`
  if (service?.spec?.type === 'LoadBalancer') return undefined // its NodePort is not on 127.0.0.1
  return port?.nodePort === undefined ? undefined : `http://127.0.0.1:${port.nodePort}`
}

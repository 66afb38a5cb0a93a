import { UserError } from '../../../lib/user-error.ts'

import type { ApiServer } from '../cluster/api.ts'
import { core, NAMESPACE, SERVICE } from '../cluster/names.ts'

interface Service {
  readonly spec: {
    readonly type: string
    readonly ports: readonly { readonly port: number; readonly nodePort?: number }[]
  }
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] }
  }
}

/** Milliseconds for the API to answer one request that costs it nothing. */
const PATIENCE = 3000

/**
 * The origin of the API as reached from here, such that new connections are spread over the pods: API_URL, a load
 * balancer, or a NodePort on 127.0.0.1. A port-forward is none: it leads to one pod. Throws a {@link UserError} where
 * nothing answers.
 */
export async function reachApi(api: ApiServer, env: NodeJS.Dict<string>): Promise<string> {
  const origin = env.API_URL?.replace(/\/$/, '') || (await published(api))
  const answers =
    origin !== undefined &&
    (await fetch(`${origin}/livez`, { signal: AbortSignal.timeout(PATIENCE) }).then(
      ({ ok }) => ok,
      () => false,
    ))
  if (answers) return origin
  const tried = origin === undefined ? 'its Service has no address outside the cluster' : `nothing answers at ${origin}`
  throw new UserError(
    `the API is not reached from here (${tried}): set API_URL, or offer load from within the cluster: IN_CLUSTER=1`,
  )
}

/** Where the Service says that it is; undefined where there is none, or only in the cluster. */
export async function published(api: ApiServer): Promise<string | undefined> {
  const service = await api.get<Service>(`${core(NAMESPACE, 'services')}/${SERVICE}`)
  const [port] = service?.spec.ports ?? []
  const [ingress] = service?.status.loadBalancer.ingress ?? []
  if (ingress !== undefined) return `http://${ingress.ip ?? ingress.hostname}:${port?.port}`
  if (service?.spec.type === 'LoadBalancer') return undefined // it has a NodePort too, but of nodes that are elsewhere
  return port?.nodePort === undefined ? undefined : `http://127.0.0.1:${port.nodePort}`
}

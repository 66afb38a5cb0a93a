import { appendFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { openApiServer } from '../platforms/kubernetes/cluster/api-server.ts'
import { openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import { core, NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { kubernetesPlatform } from '../platforms/kubernetes/kubernetes.ts'
import { make } from '../test/make.ts'

const NAME = SERVICE_CONFIG.name

export const ROOT = resolve(import.meta.dir, '..')

/** Whether the charts, and Grafana's image, can be pulled; cli/commands/e2e.ts finds out before the tests. */
export const CHARTS = process.env.E2E_CHARTS === 'on'
export const GRAFANA = process.env.E2E_GRAFANA === 'on'

/** Folder of reports and logs, which cli/commands/e2e.ts empties before the tests. */
export const FOLDER = process.env.E2E_FOLDER ?? join(ROOT, 'reports', 'e2e')
mkdirSync(FOLDER, { recursive: true })

/** Environment of every command: selects the cluster, without the variables of the command line of `make e2e`. */
export const env: NodeJS.Dict<string> = { ...process.env, PLATFORM: 'kubernetes', REPORTS: FOLDER, MAKEFLAGS: '' }

/** Prints a figure or a step. */
export const say = (line: string) => console.log(`  ${line}`)

export const cluster = await openCluster(env)
export const api = openApiServer(cluster)
export const platform = kubernetesPlatform(cluster, env, say)

/** Reports what this cluster cannot prove, and why; cli/commands/e2e.ts repeats it in its last line. */
export function leaveOut(what: string, why: string): void {
  console.warn(`LEFT OUT: ${what}: ${why}`)
  appendFileSync(join(FOLDER, 'left-out'), `${what} (${why})\n`)
}

/** Runs a target of make, as users do, and returns its standard output. Throws with all that it printed when it fails. */
export const makeTarget = (target: string, variables: Readonly<Record<string, string>> = {}) =>
  make(target, { env: { ...env, ...variables } })

/** Sends a request to a pod, through the API server's proxy. */
export const askPod = (pod: string, path: string, init: RequestInit = {}, port = SERVICE_CONFIG.ports.api) =>
  api.fetch(`${core(NAMESPACE, 'pods')}/${pod}:${port}/proxy${path}`, init)

/** Number of ready addresses behind the Service. */
export async function readyEndpoints(): Promise<number> {
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`
  const list = await api.get<{ items: { endpoints: { conditions: { ready: boolean } }[] | null }[] }>(
    `${slices}?labelSelector=kubernetes.io%2Fservice-name%3D${NAME}`,
  )
  const endpoints = (list?.items ?? []).flatMap(({ endpoints }) => endpoints ?? [])
  return endpoints.filter(({ conditions }) => conditions.ready).length
}

import { appendFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ApiServer, openApiServer } from '../platforms/kubernetes/cluster/api.ts'
import { type Cluster, openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import { core, NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { kubernetesPlatform } from '../platforms/kubernetes/kubernetes.ts'
import type { Platform } from '../platforms/platform.ts'
import { run } from '../test/process.ts'

export { until } from '../test/until.ts'

export const ROOT = resolve(import.meta.dir, '..')

/** Whether what Helm installs can be had, and Grafana's image: found out by cli/commands/e2e.ts before anything else. */
export const CHARTS = process.env.E2E_CHARTS === 'on'
export const GRAFANA = process.env.E2E_GRAFANA === 'on'

/** Folder of reports and logs; cli/commands/e2e.ts makes it. */
export const FOLDER = process.env.E2E_FOLDER ?? join(ROOT, 'reports', 'e2e')
mkdirSync(FOLDER, { recursive: true })

/** The environment of every command: the cluster, and nothing of a local stack or of the command line of `make e2e`. */
export const env: NodeJS.Dict<string> = { ...process.env, PLATFORM: 'kubernetes', REPORTS: FOLDER, MAKEFLAGS: '' }

export const cluster: Cluster = await openCluster(env)
export const api: ApiServer = await openApiServer(cluster)
export const platform: Platform = kubernetesPlatform(cluster, env, line => console.log(line))

/** Says a figure or a step. */
export const say = (line: string) => console.log(`  ${line}`)

/** Tells loudly what is not proven on this cluster, and why; cli/commands/e2e.ts repeats it in its closing line. */
export function leaveOut(what: string, why: string): void {
  console.warn(`LEFT OUT: ${what}: ${why}`)
  appendFileSync(join(FOLDER, 'left-out'), `${what} (${why})\n`)
}

/** Runs a target of make, as users do; what it printed on standard output. Throws where it fails. */
export async function make(target: string, variables: Record<string, string> = {}): Promise<string> {
  const { code, out, err } = await run(['make', '--silent', '-C', ROOT, target], { env: { ...env, ...variables } })
  if (code !== 0) throw new Error(`make ${target} ended with ${code}:\n${out}\n${err}`)
  return out
}

/** Asks a pod by its own address, through the API server. */
export const askPod = (pod: string, path: string, init: RequestInit = {}, port = 3000) =>
  api.fetch(`${core(NAMESPACE, 'pods')}/${pod}:${port}/proxy${path}`, init)

/** Addresses behind the Service that take traffic. */
export async function readyEndpoints(): Promise<number> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dtipping-point`
  const list = await api.get<{ items: { endpoints: { conditions: { ready: boolean } }[] | null }[] }>(path)
  return (list?.items ?? []).flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready)
    .length
}

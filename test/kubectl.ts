// A cluster for tests: a kubectl that answers from a file and keeps what it was told, and an API server made of objects.
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServer } from '../platforms/kubernetes/cluster/api.ts'
import type { Cluster } from '../platforms/kubernetes/cluster/cluster.ts'
import type { Deployment, Pod } from '../platforms/kubernetes/cluster/pods.ts'

export const PODS = '/api/v1/namespaces/tipping-point/pods'
export const MONITORING_PODS = '/api/v1/namespaces/monitoring/pods'
export const SERVICE = '/api/v1/namespaces/tipping-point/services/tipping-point'
export const DEPLOYMENT = '/apis/apps/v1/namespaces/tipping-point/deployments/tipping-point'

/** A pod of the service that is ready. */
export const pod = (
  name: string,
  status: Partial<Pod['status']> = {},
  metadata: Partial<Pod['metadata']> = {},
): Pod => ({
  metadata: { name, labels: { 'app.kubernetes.io/name': 'tipping-point' }, ...metadata },
  spec: { containers: [{ name: 'service', image: 'tipping-point:1' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
})

/** The Deployment that has rolled out with so many pods. */
export const deployment = (replicas: number, status: Partial<Deployment['status']> = {}): Deployment => ({
  metadata: { generation: 1 },
  spec: { replicas },
  status: { replicas, readyReplicas: replicas, updatedReplicas: replicas, observedGeneration: 1, ...status },
})

/** The objects of a service with these pods, by their path. */
export const serving = (...pods: Pod[]): Record<string, unknown> => ({
  [DEPLOYMENT]: deployment(pods.length),
  [PODS]: { items: pods },
})

/** An API server that has the objects that are given at the time, by path; the answer to a request is another's. */
export const apiOf = (objects: () => Record<string, unknown>, fetch?: ApiServer['fetch']): ApiServer => ({
  fetch: fetch ?? (async () => new Response('', { status: 503 })),
  get: async <T>(path: string) => objects()[path] as T | undefined,
  close() {},
})

/** A cluster that keeps what kubectl was told, and answers with what `answer` says. */
export function clusterOf(answer: (args: readonly string[], stdin?: string) => string | undefined = () => '') {
  const calls: { args: string; stdin: string | undefined }[] = []
  const cluster: Cluster = {
    context: 'kind-fake',
    local: true,
    async kubectl(args, { stdin } = {}) {
      calls.push({ args: args.join(' '), stdin })
      return answer(args, stdin) ?? ''
    },
    get: async () => undefined,
  }
  return { cluster, calls }
}

/** Puts programs that are shell scripts first on a PATH; the PATH. */
export function programs(scripts: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'))
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return `${folder}:${process.env.PATH}`
}

/** What the kubectl of {@link fakeCluster} knows. */
interface State {
  /** What `kubectl config view` has. */
  readonly config: object
  /** What `kubectl get` has, by `kind/name`. */
  readonly resources?: Record<string, object>
  /** What the API server has, by path. */
  readonly objects: Record<string, unknown>
  /** Port to which `kubectl port-forward` leads. */
  readonly port?: number
}

/** A configuration with a context that is current, and whose cluster has its name. */
export const configOf = (context: string) => ({
  'current-context': context,
  contexts: [{ name: context, context: { cluster: context } }],
  clusters: [{ name: context, cluster: {} }],
})

/** A kubectl for processes: it answers from a state, `kubectl scale` changes it, and the rest is kept. */
export function fakeCluster(state: State) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state))
  const path = programs({
    kubectl: `exec ${process.execPath} ${import.meta.path} ${folder} "$@"`,
    helm: 'exit 0',
    docker: 'exit 1',
  })
  const calls = join(folder, 'calls')
  return {
    folder,
    path,
    /** What it was told, a line a call; the standard input of `apply -f -` follows its own. */
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n') : []),
  }
}

async function kubectl(folder: string, args: string[]): Promise<void> {
  const file = join(folder, 'state.json')
  const state = (): State => JSON.parse(readFileSync(file, 'utf8'))
  const keep = (line: string) => appendFileSync(join(folder, 'calls'), `${line}\n`)
  const rest = args.filter(arg => !arg.startsWith('--context='))
  keep(args.join(' '))
  const [command, ...names] = rest.filter((arg, i) => !arg.startsWith('-') && !/^-[no]$/.test(rest[i - 1] ?? ''))
  if (command === 'config') return console.log(JSON.stringify(state().config))
  if (command === 'get')
    return console.log(JSON.stringify(state().resources?.[names.join('/')] ?? '').replace('""', ''))
  if (command === 'apply') return keep(await Bun.stdin.text())
  if (command === 'delete') return console.log(`${names.join(' ')} deleted`)
  if (command === 'scale') {
    const replicas = Number(args.join().match(/--replicas=(\d+)/)?.[1])
    const pods = Array.from({ length: replicas }, (_, i) => pod(`pod-${i + 1}`))
    const { objects, ...others } = state()
    writeFileSync(file, JSON.stringify({ ...others, objects: { ...objects, ...serving(...pods) } }))
  }
  if (command === 'port-forward') console.log(`Forwarding from 127.0.0.1:${state().port} -> 80`)
  if (command === 'proxy') {
    const unix = args.join().match(/--unix-socket=([^,]+)/)?.[1] as string
    const answer = (object: unknown) =>
      object === undefined ? new Response('', { status: 404 }) : Response.json(object)
    Bun.serve({ unix, fetch: ({ url }) => answer(state().objects[new URL(url).pathname]) })
    console.log(`Starting to serve on ${unix}`)
  }
  if (command === 'port-forward' || command === 'proxy') await new Promise(() => setInterval(() => {}, 1000))
}

if (import.meta.main) await kubectl(process.argv[2] as string, process.argv.slice(3))

// Clusters for tests: objects in memory for code of this process, and a kubectl that answers from a file for child
// processes.
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import type { ApiServer } from '../platforms/kubernetes/cluster/api-server.ts'
import type { Cluster } from '../platforms/kubernetes/cluster/cluster.ts'
import type { Pod } from '../platforms/kubernetes/cluster/workloads.ts'

const NAME = SERVICE_CONFIG.name

export const PODS = `/api/v1/namespaces/${NAME}/pods`
export const MONITORING_PODS = '/api/v1/namespaces/monitoring/pods'
export const SERVICE = `/api/v1/namespaces/${NAME}/services/${NAME}`
export const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAME}/deployments/${NAME}`

/** A pod of the service that is ready, with changes to its status and its metadata. */
export const pod = (name: string, status: object = {}, metadata: object = {}) =>
  ({
    metadata: { name, labels: { 'app.kubernetes.io/name': NAME }, ...metadata },
    spec: { containers: [{ name: 'service', image: `${NAME}:1` }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
  }) as unknown as Pod

/** The Deployment of the service, rolled out with `replicas` pods, with changes to its status. */
export const deployment = (replicas: number, status: object = {}) => ({
  metadata: { generation: 1 },
  spec: { replicas, template: { spec: { containers: [] } } },
  status: { replicas, readyReplicas: replicas, updatedReplicas: replicas, observedGeneration: 1, ...status },
})

/** The objects of a service with these pods, by path. */
export const serving = (...pods: Pod[]): Record<string, unknown> => ({
  [DEPLOYMENT]: deployment(pods.length),
  [PODS]: { items: pods },
})

/** An API server with the objects that `objects` returns at each read, by path; `fetch` answers other requests. */
export const apiOf = (objects: () => Record<string, unknown>, fetch?: ApiServer['fetch']): ApiServer => ({
  fetch: fetch ?? (async () => new Response('', { status: 503 })),
  get: async <T>(path: string) => objects()[path] as T | undefined,
  close() {},
})

/** A cluster that notes the arguments and the input of kubectl; `answer` returns what kubectl prints. */
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

/** Writes shell scripts to a folder, by name; returns a PATH that begins with the folder. */
export function programs(scripts: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'))
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return `${folder}:${process.env.PATH}`
}

/** The cluster behind the kubectl of {@link fakeCluster}. */
interface State {
  /** Output of `kubectl config view`. */
  readonly config: object
  /** Objects for `kubectl get`, by `kind/name`. */
  readonly resources?: Record<string, object>
  /** Objects of the API server, by path. */
  readonly objects: Record<string, unknown>
  /** Port that `kubectl port-forward` prints. */
  readonly port?: number
}

/** A configuration of kubectl whose current context, and its cluster, have this name. */
export const configOf = (context: string) => ({
  'current-context': context,
  contexts: [{ name: context, context: { cluster: context } }],
  clusters: [{ name: context, cluster: {} }],
})

/** A kubectl for child processes. It answers from the state, which `kubectl scale` changes, and notes each call. */
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
    /** The arguments of each call, one line per call; the input of `apply -f -` follows in a line of its own. */
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n') : []),
  }
}

/** What kustomize makes of an overlay with a load balancer, as far as commands change it. */
const KUSTOMIZED = `  loadBalancerSourceRanges:\n  - 192.0.2.1/32\n        image: ${SERVICE_CONFIG.name}`

async function kubectl(folder: string, args: string[]): Promise<void> {
  const file = join(folder, 'state.json')
  const state = (): State => JSON.parse(readFileSync(file, 'utf8'))
  const note = (line: string) => appendFileSync(join(folder, 'calls'), `${line}\n`)
  const rest = args.filter(arg => !arg.startsWith('--context='))
  note(args.join(' '))
  const [command, ...names] = rest.filter((arg, i) => !arg.startsWith('-') && !/^-[no]$/.test(rest[i - 1] ?? ''))
  if (command === 'config') return console.log(JSON.stringify(state().config))
  if (command === 'get')
    return console.log(JSON.stringify(state().resources?.[names.join('/')] ?? '').replace('""', ''))
  if (command === 'kustomize') return console.log(KUSTOMIZED)
  if (command === 'apply') return note(await Bun.stdin.text())
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

import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'

/** A cluster that commands act on: one context of kubectl. */
export interface Cluster {
  readonly context: string
  /** Whether its context is one that Tilt takes for local. */
  readonly local: boolean
  /** Runs kubectl on it to its end; what it printed. Throws a {@link UserError} with what kubectl said. */
  kubectl(args: readonly string[], options?: { stdin?: string; signal?: AbortSignal }): Promise<string>
  /** `kubectl get … -o json`, parsed; undefined where it is not there. */
  get<T>(...args: readonly string[]): Promise<T | undefined>
}

/** What `kubectl config view -o json` has of interest. */
export interface KubeConfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[] | null
  readonly clusters?:
    | readonly { readonly name: string; readonly cluster: { readonly 'certificate-authority'?: string } }[]
    | null
}

/** How the names of local clusters begin, by Tilt's rule (tilt-dev/clusterid). */
const LOCAL =
  /^(minikube|docker-for-desktop-cluster|docker-desktop|kind$|kind-|microk8s-cluster|api-crc-testing|krucible-|k3d-|rancher-desktop|colima)/

/** Whether Tilt takes a context for local: by the name of its cluster or, for minikube, by where its certificate is. */
export function isLocal(config: KubeConfig, context: string): boolean {
  const name = config.contexts?.find(entry => entry.name === context)?.context.cluster
  if (name === undefined) return false
  const cluster = config.clusters?.find(entry => entry.name === name)?.cluster
  return LOCAL.test(name) || /\/\.minikube\//.test(cluster?.['certificate-authority'] ?? '')
}

/**
 * The context to act on: the one that KUBE_CONTEXT names, whatever it is, else the current one if it is local.
 * Throws a {@link UserError} that says how to go on.
 */
export function chooseContext(config: KubeConfig, named: string | undefined): { context: string; local: boolean } {
  const context = named || config['current-context']
  if (!context) throw new UserError('kubectl has no current context: make cluster, or set KUBE_CONTEXT to one')
  const local = isLocal(config, context)
  const known = (config.contexts ?? []).map(({ name }) => name)
  if (!known.includes(context))
    throw new UserError(
      `${named ? 'KUBE_CONTEXT: ' : ''}kubectl knows no context "${context}"; it knows ${known.join(', ') || 'none'}`,
    )
  if (named || local) return { context, local }
  throw new UserError(
    `the current context, ${context}, is not local, so nothing is done to it; if you mean it: KUBE_CONTEXT=${context}`,
  )
}

/** The cluster to act on. Throws a {@link UserError} where kubectl is missing, or there is none that may be acted on. */
export async function openCluster(env: NodeJS.Dict<string>): Promise<Cluster> {
  if (Bun.which('kubectl', { PATH: env.PATH ?? '' }) === null)
    throw new UserError('kubectl is not on PATH; install it: https://kubernetes.io/docs/tasks/tools/')
  const config = JSON.parse(await runProgram(['kubectl', 'config', 'view', '-o', 'json'], { env })) as KubeConfig
  const { context, local } = chooseContext(config, env.KUBE_CONTEXT)
  const kubectl: Cluster['kubectl'] = (args, options = {}) =>
    runProgram(['kubectl', `--context=${context}`, ...args], { env, ...options })
  return {
    context,
    local,
    kubectl,
    async get<T>(...args: readonly string[]) {
      const out = await kubectl(['get', ...args, '--ignore-not-found', '-o', 'json', '--request-timeout=10s'])
      return out.trim() === '' ? undefined : (JSON.parse(out) as T)
    },
  }
}

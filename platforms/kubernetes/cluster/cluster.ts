import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { requirePrograms } from './required-programs.ts'

/** A Kubernetes cluster: one context of kubectl. */
export interface Cluster {
  readonly context: string
  /** Whether the cluster is local by Tilt's rule. */
  readonly local: boolean
  /** Runs kubectl and returns its standard output. Throws a {@link UserError} with its error output. */
  kubectl(args: readonly string[], options?: { stdin?: string; signal?: AbortSignal | undefined }): Promise<string>
  /** Runs `kubectl get ARGS -o json` and parses the output; undefined when there is no such object. */
  get<T>(...args: readonly string[]): Promise<T | undefined>
}

/** How an action on a cluster reports its progress, and how it is stopped. */
export interface ActionOptions {
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** The fields of `kubectl config view -o json` that {@link chooseContext} reads. */
interface KubeConfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly { name: string; context: { cluster: string } }[] | null
  readonly clusters?: readonly { name: string; cluster: { 'certificate-authority'?: string } }[] | null
}

/** Prefixes of the names of local clusters, by Tilt's rule (tilt-dev/clusterid). */
const LOCAL =
  /^(minikube|docker-for-desktop-cluster|docker-desktop|kind$|kind-|microk8s-cluster|api-crc-testing|krucible-|k3d-|rancher-desktop|colima)/

/** Whether a context is local: by the name of its cluster or, for minikube, by the path of its certificate. */
export function isLocal(config: KubeConfig, context: string): boolean {
  const name = config.contexts?.find(entry => entry.name === context)?.context.cluster
  if (name === undefined) return false
  const cluster = config.clusters?.find(entry => entry.name === name)?.cluster
  return LOCAL.test(name) || /\/\.minikube\//.test(cluster?.['certificate-authority'] ?? '')
}

/**
 * The context to act on: the one that KUBE_CONTEXT names, local or not, else the current one if it is local.
 * Throws a {@link UserError} when there is no such context.
 */
export function chooseContext(config: KubeConfig, named: string | undefined): { context: string; local: boolean } {
  const context = named || config['current-context']
  if (!context)
    throw new UserError('kubectl has no current context; create a cluster (make cluster), or set KUBE_CONTEXT')
  const known = (config.contexts ?? []).map(({ name }) => name)
  if (!known.includes(context))
    throw new UserError(`kubectl has no context "${context}"; KUBE_CONTEXT takes one of: ${known.join(', ') || 'none'}`)
  const local = isLocal(config, context)
  if (named || local) return { context, local }
  throw new UserError(`the current context ${context} is not local; to act on it all the same: KUBE_CONTEXT=${context}`)
}

/** The command line that runs kubectl on a cluster. */
export function kubectlCommand({ context }: Pick<Cluster, 'context'>, ...args: readonly string[]): string[] {
  return ['kubectl', `--context=${context}`, ...args]
}

/** Opens the cluster of {@link chooseContext}. Throws a {@link UserError} when kubectl is missing, too. */
export async function openCluster(env: NodeJS.Dict<string>): Promise<Cluster> {
  requirePrograms(['kubectl'], env.PATH)
  const config = JSON.parse(await runProgram(['kubectl', 'config', 'view', '-o', 'json'], { env })) as KubeConfig
  const { context, local } = chooseContext(config, env.KUBE_CONTEXT)
  const kubectl: Cluster['kubectl'] = (args, options) =>
    runProgram(kubectlCommand({ context }, ...args), { env, ...options })
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

import { UserError } from '../lib/user-error.ts'
import { type Cluster, openCluster } from './kubernetes/cluster/cluster.ts'
import { NAMESPACE, SERVICE } from './kubernetes/cluster/names.ts'
import { kubernetesPlatform } from './kubernetes/kubernetes.ts'
import { localPlatform } from './local/local-platform.ts'
import type { Platform } from './platform.ts'

const NAMES = ['local', 'kubernetes'] as const

/**
 * Returns the platform that PLATFORM names, else the platform on which a stack is up, else the local platform. Throws a
 * {@link UserError} for an unknown name, when both platforms have a stack, and when the platform cannot be used.
 */
export async function choosePlatform(env: NodeJS.Dict<string>, say: (line: string) => void): Promise<Platform> {
  const name = env.PLATFORM || (await findUp(env, say))
  if (name === 'local') return localPlatform(env, say)
  if (name !== 'kubernetes') throw new UserError(`PLATFORM: "${name}" is not accepted; it takes ${NAMES.join(' or ')}`)
  const cluster = await openCluster(env)
  say(`acting on the context ${cluster.context}`)
  return kubernetesPlatform(cluster, env, say)
}

async function findUp(env: NodeJS.Dict<string>, say: (line: string) => void): Promise<(typeof NAMES)[number]> {
  const cluster = await openCluster(env).catch(() => undefined) // without kubectl or a local context, no cluster has a stack
  const inCluster = cluster !== undefined && (await isUpOn(cluster, say))
  if (!inCluster) return 'local'
  let local: Platform
  try {
    local = localPlatform(env, () => {})
  } catch {
    return 'kubernetes' // a local platform that cannot be used has no stack
  }
  if ((await local.status()) === undefined) return 'kubernetes'
  throw new UserError(
    `a stack is up on this machine, and one on ${cluster.context}; choose with PLATFORM=local or PLATFORM=kubernetes`,
  )
}

/** Whether the service is deployed to a cluster. Says when the cluster does not answer, such as a stopped kind cluster. */
async function isUpOn(cluster: Cluster, say: (line: string) => void): Promise<boolean> {
  try {
    return (await cluster.get('-n', NAMESPACE, 'deployment', SERVICE)) !== undefined
  } catch {
    say(
      `the cluster of the context ${cluster.context} does not answer, so this command acts on this machine; PLATFORM=kubernetes shows the error`,
    )
    return false
  }
}

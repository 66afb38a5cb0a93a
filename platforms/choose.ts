import { UserError } from '../lib/user-error.ts'
import { type Cluster, openCluster } from './kubernetes/cluster/cluster.ts'
import { kubernetesPlatform } from './kubernetes/kubernetes.ts'
import { localPlatform } from './local/local-platform.ts'
import type { Platform } from './platform.ts'

const NAMES = ['local', 'kubernetes'] as const

/**
 * The platform that PLATFORM names; else the one that is up, else the local one. Throws a {@link UserError} for an
 * unknown one, where both are up, and where the one that is meant cannot be used.
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
  const cluster = await openCluster(env).catch(() => undefined) // no kubectl or no local context: nothing is up there
  const inCluster = cluster !== undefined && (await isUpOn(cluster, say))
  if (!inCluster) return 'local'
  let local: Platform
  try {
    local = localPlatform(env, () => {})
  } catch {
    return 'kubernetes' // where the local platform cannot be used, nothing of it is up
  }
  if ((await local.status()) === undefined) return 'kubernetes'
  throw new UserError(
    `a stack is up on this machine, and one on ${cluster.context}: say which with PLATFORM=local or PLATFORM=kubernetes`,
  )
}

/** Whether the service is deployed to a cluster. One that does not answer, such as a kind cluster that is stopped, is told and left. */
async function isUpOn(cluster: Cluster, say: (line: string) => void): Promise<boolean> {
  try {
    return (await cluster.get('-n', 'tipping-point', 'deployment', 'tipping-point')) !== undefined
  } catch {
    say(
      `the cluster of the context ${cluster.context} does not answer, so this machine is meant; PLATFORM=kubernetes tells why`,
    )
    return false
  }
}

import { createProgress, type Progress } from '../lib/progress.ts'
import { UserError } from '../lib/user-error.ts'
import { choosePlatform } from '../platforms/choose.ts'
import { type Cluster, openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import type { Part, Platform, Status } from '../platforms/platform.ts'

/** Runs something on the platform that PLATFORM names or that is up; progress is written to standard error. */
export async function onPlatform<T>(run: (platform: Platform, progress: Progress) => Promise<T>): Promise<T> {
  const progress = createProgress(process.stderr)
  try {
    return await run(await choosePlatform(process.env, progress.say), progress)
  } finally {
    progress.end()
  }
}

/** The status of the stack. Throws a {@link UserError} when nothing is up. */
export async function requireStatus(platform: Platform): Promise<Status> {
  const status = await platform.status()
  if (status === undefined) throw new UserError('nothing is up; start it with: make up')
  return status
}

/** Opens the cluster that kubectl points at, and says which context the command acts on. */
export async function openClusterLoudly(): Promise<Cluster> {
  const cluster = await openCluster(process.env)
  console.log(`acting on the context ${cluster.context}`)
  return cluster
}

/** Prints the parts of a stack and its links; returns 0 if every part is healthy, else 1. */
export async function printStatus(platform: Platform, { parts, cpuLimit }: Status): Promise<number> {
  const width = Math.max(18, ...parts.map(({ name }) => name.length))
  const line = ({ name, state, restarts, lastEnd, details }: Part) =>
    `  ${name.padEnd(width)} ${state.padEnd(10)} ${details}${restarts ? `  restarted ${restarts} times, ${lastEnd}` : ''}`
  console.log(parts.map(line).join('\n'))
  console.log(`  ${'CPU of a replica'.padEnd(width)} ${cpuLimit}`)
  await printLinks(platform)
  return parts.every(({ state }) => state === 'healthy') ? 0 : 1
}

/** Prints where the API, Swagger UI, Prometheus, Alertmanager and Grafana are. */
export async function printLinks(platform: Platform): Promise<void> {
  for (const [name, link] of Object.entries(await platform.links())) console.log(`  ${name.padEnd(18)} ${link}`)
}

/** The parts that a command acts on: the one that is named, else all. Throws a {@link UserError} for an unknown name. */
export function chooseParts<T extends string>(parts: readonly T[], named: string | undefined): readonly T[] {
  if (!named) return parts
  const part = parts.find(name => name === named)
  if (part === undefined) throw new UserError(`"${named}" is not accepted; it takes ${parts.join(', ')}`)
  return [part]
}

import { poll } from '../../lib/poll.ts'
import { UserError } from '../../lib/user-error.ts'
import { type CloudResource, cloudResources, enabledApis } from './cloud-resources.ts'
import { type Gcloud, shellLine } from './gcloud.ts'
import type { GoogleSettings } from './google-settings.ts'

/** Seconds for Google to create or delete a cluster; it takes 5 to 10 minutes. */
const BUSY_TIMEOUT_SECONDS = 1800
/** Seconds until a service account that was created can be named. */
const PASSING_TIMEOUT_SECONDS = 60

export interface CloudOptions {
  readonly gcloud: Gcloud
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** Seconds between two questions to Google (default: 10). */
  readonly intervalSeconds?: number
}

/**
 * Creates what does not exist yet. Throws a {@link UserError} that says what exists, what it costs, how to go on and how to remove
 * it: gcloud may fail, or be stopped, after Google has begun.
 */
export async function createAll(settings: GoogleSettings, options: CloudOptions): Promise<void> {
  const present: CloudResource[] = []
  for (const resource of cloudResources(settings)) {
    if (resource.create === undefined) continue
    try {
      await ensure(resource, settings, options)
    } catch (error) {
      throw new UserError(`${(error as Error).message}\n${whatExists(present, resource, settings)}`)
    }
    present.push(resource)
  }
}

async function ensure(resource: CloudResource, { place }: GoogleSettings, options: CloudOptions): Promise<void> {
  const { gcloud, say, signal, intervalSeconds = 10 } = options
  const { name, create = [], passing, broken } = resource
  const [found] = await findSettled(resource, options)
  if (found !== undefined && broken?.test(found))
    throw new UserError(`${name} is in the state ${found}; remove it, then try again: make cloud-down ${place}`)
  if (found !== undefined) return say(`${name}: exists`)
  const attempt = async () => {
    try {
      await gcloud(create)
      return true
    } catch (error) {
      if (passing?.test((error as Error).message)) return false
      throw error
    }
  }
  if (!(await poll(attempt, { timeoutSeconds: PASSING_TIMEOUT_SECONDS, intervalSeconds, signal })))
    throw new UserError(
      `${name} could not be created within ${PASSING_TIMEOUT_SECONDS} s, because what it needs does not exist`,
    )
}

/** The lines of `find`, as soon as Google is neither creating nor deleting the resource. */
async function findSettled(resource: CloudResource, options: CloudOptions): Promise<string[]> {
  const { name, find, busy } = resource
  const { gcloud, say, signal, intervalSeconds = 10 } = options
  if (find === undefined) return []
  let told = ''
  const settled = async () => {
    const lines = linesOf(await gcloud(find))
    const state = lines.find(line => busy?.test(line))
    if (state === undefined) return lines
    if (state !== told) say(`${name} is in the state ${state}: waiting`)
    told = state
    return undefined
  }
  const lines = await poll(settled, { timeoutSeconds: BUSY_TIMEOUT_SECONDS, intervalSeconds, signal })
  if (lines === undefined)
    throw new UserError(`${name} is still in the state ${told} after ${BUSY_TIMEOUT_SECONDS / 60} minutes`)
  return lines
}

const linesOf = (text: string) => text.split('\n').filter(line => line !== '')

function whatExists(
  present: readonly CloudResource[],
  failed: CloudResource,
  { project, place }: GoogleSettings,
): string {
  const list = present.map(({ name, costs }) => `  ${name}: ${costs ?? 'costs nothing'}`)
  return [
    `Stopped at ${failed.name}, which Google may have created all the same (${failed.costs ?? 'costs nothing'}).`,
    ...(list.length > 0
      ? [`In the project ${project} there are now:`, ...list]
      : [`The project ${project} has nothing of this yet.`]),
    `To go on: make cloud-up ${place}`,
    `To remove all of it: make cloud-down ${place}`,
  ].join('\n')
}

/**
 * Deletes all that {@link createAll} creates, in reverse order; a failure does not stop the rest. Returns a line for each thing that
 * is left, with its costs and the command that deletes it, or that could not be asked for; none when nothing is left.
 * @param releaseAddresses deletes the load balancers of the cluster, which Google else may leave
 */
export async function deleteAll(
  settings: GoogleSettings,
  options: CloudOptions,
  releaseAddresses: () => Promise<void>,
): Promise<string[]> {
  const { gcloud, say } = options
  const enabled = linesOf(await gcloud(enabledApis(settings)))
  const mayExist = ({ find, api }: CloudResource) => find && (!api || settings.dryRun || enabled.includes(api))
  const resources = cloudResources(settings).filter(mayExist)
  let failed = false
  for (const resource of resources.filter(({ ofCluster }) => !ofCluster).toReversed()) {
    const { name, remove, busy, last } = resource
    if (last && failed) continue
    try {
      const all = await findSettled(resource, options)
      for (const found of settings.dryRun ? ['NAME'] : all) {
        if (busy !== undefined && !settings.dryRun)
          await releaseAddresses().catch(error => say(`its load balancers remain: ${error.message}`))
        if (remove !== undefined) await gcloud(remove(found))
      }
    } catch (error) {
      options.signal.throwIfAborted()
      failed = true
      say(`${name} could not be deleted: ${(error as Error).message}`)
    }
  }
  const left = []
  for (const resource of resources) left.push(...(await whatIsLeft(resource, gcloud)))
  return left
}

async function whatIsLeft({ name, find = [], costs, remove }: CloudResource, gcloud: Gcloud): Promise<string[]> {
  try {
    return linesOf(await gcloud(find)).map(
      found =>
        `${name} (${found}): ${costs ?? 'costs nothing'}; to delete it: ${shellLine(['gcloud', ...(remove?.(found) ?? [])])}`,
    )
  } catch (error) {
    return [`perhaps ${name}: ${costs ?? 'costs nothing'}; gcloud could not tell: ${(error as Error).message}`]
  }
}

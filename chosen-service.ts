import { type ServiceConfig, SERVICE_CONFIG as THIS_SERVICE } from './service.config.ts'

/** k6 has `__ENV` in place of `process.env`. */
const { SERVICE } = typeof __ENV === 'undefined' ? process.env : __ENV

/**
 * The configuration in a folder; throws an Error when there is none. It calls `require`, because k6 has no other way to load a
 * file whose name is not known before.
 */
export function configIn(folder: string): ServiceConfig {
  try {
    return (require(`./${folder}/service.config.ts`) as { SERVICE_CONFIG: ServiceConfig }).SERVICE_CONFIG
  } catch (error) {
    const reason = (error as Error).message.split(/\n| from /)[0]
    throw new Error(`SERVICE: "${folder}" is not accepted (${reason}); it takes a folder with a service.config.ts`)
  }
}

/**
 * The service on which commands, tests of rules, drills and loads act: that of this repository, or the one whose folder SERVICE
 * names. Services do not import this file: each knows itself.
 */
export const SERVICE_CONFIG = SERVICE ? configIn(SERVICE) : THIS_SERVICE

/** Address of a file of the repository, for people: GitHub and GitLab show a file under a prefix. */
export function documentUrl(path: string, { repository } = SERVICE_CONFIG): string {
  const host = new URL(repository).hostname
  if (host === 'github.com') return `${repository}/blob/HEAD/${path}`
  return host.startsWith('gitlab.') ? `${repository}/-/blob/HEAD/${path}` : `${repository}/${path}`
}

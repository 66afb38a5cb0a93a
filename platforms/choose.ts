import { localPlatform } from './local/local.ts'
import { type Platform, PlatformError } from './platform.ts'

const MAKERS: Readonly<Record<string, typeof localPlatform>> = { local: localPlatform }

/** The platform that PLATFORM names; the only one there is by default. Throws a {@link PlatformError} for an unknown one. */
export function choosePlatform(env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  const make = MAKERS[env.PLATFORM || 'local']
  if (make === undefined)
    throw new PlatformError(`PLATFORM: "${env.PLATFORM}" is not accepted; it takes ${Object.keys(MAKERS).join(', ')}`)
  return make(env, say)
}

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** What an installation depends on; every part has a default. Times are in seconds. */
export interface InstallOptions {
  /** For PATH, for {@link cacheFolder}, and for Go. */
  readonly env?: Environment
  /** Where programs are kept, and the only folder that is written to (but for Go's own caches). */
  readonly cache?: string
  /** Takes each line about what is going on. Default: standard error. */
  readonly say?: (line: string) => void
  /** Go's names of operating system and processor, such as linux-amd64. */
  readonly platform?: string
  /** The base of the URLs of releases. */
  readonly downloads?: string
  /** Time without a byte after which a download is given up. */
  readonly stallTimeout?: number
  /** Time between two lines of progress. */
  readonly progressInterval?: number
  /** Stops everything that was started; what is half done is removed. */
  readonly signal?: AbortSignal
}

export type Settings = Required<InstallOptions>

/** A program cannot be had. Its message says what to do; it is one line, but for the last lines of what Go said. */
export class InstallError extends Error {}

/** The folder of the programs, absolute: `$TIPPING_POINT_CACHE`, or `tipping-point` in the user's folder of caches. */
export function cacheFolder(env: Environment): string {
  if (env.TIPPING_POINT_CACHE) return resolve(env.TIPPING_POINT_CACHE)
  const caches = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  return resolve(caches, 'tipping-point')
}

/** Fills in the defaults. */
export function withDefaults(options: InstallOptions): Settings {
  const env = options.env ?? process.env
  return {
    env,
    cache: cacheFolder(env),
    say: line => console.error(line),
    platform: `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`,
    downloads: 'https://github.com',
    stallTimeout: 15,
    progressInterval: 10,
    signal: new AbortController().signal,
    ...options,
  }
}

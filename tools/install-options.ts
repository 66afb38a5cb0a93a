import { statfsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { CACHE_VARIABLE, SERVICE_CONFIG } from '../service.config.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Options of an installation; each has a default. Times are in seconds. */
export interface InstallOptions {
  /** For PATH, for {@link cacheFolder}, and for Go. */
  readonly env?: Environment
  /** Folder of the programs, and the only folder that is written to (except Go's own caches). */
  readonly cache?: string
  /** Takes each line of progress. Default: standard error. */
  readonly say?: (line: string) => void
  /** Go's names of operating system and processor, such as linux-amd64. */
  readonly platform?: string
  /** Origin of a server that replaces the servers of the releases. */
  readonly downloads?: string | undefined
  readonly clock?: Clock
  /** Returns the bytes that this user may still write to the file system of a folder. */
  readonly freeBytes?: (folder: string) => number
  /** Stops the installation and removes what is incomplete. */
  readonly signal?: AbortSignal
}

/** Seconds; tests replace it. */
interface Clock {
  /** Time since a fixed moment; monotonic. */
  now(): number
  /** Calls `run` at an interval, until the returned function is called. */
  every(seconds: number, run: () => void): () => void
}

export type InstallSettings = Required<InstallOptions>

/** The absolute path of the folder of the programs: that of {@link CACHE_VARIABLE}, else the service's name in the user's cache folder. */
export function cacheFolder(env: Environment): string {
  const given = env[CACHE_VARIABLE]
  if (given) return resolve(given)
  return resolve(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), SERVICE_CONFIG.name)
}

const realClock: Clock = {
  now: () => performance.now() / 1000,
  every(seconds, run) {
    const timer = setInterval(run, seconds * 1000)
    return () => clearInterval(timer)
  },
}

export function withDefaults(options: InstallOptions): InstallSettings {
  const env = options.env ?? process.env
  return {
    env,
    cache: cacheFolder(env),
    say: line => void process.stderr.write(`${line}\n`), // console.error would colour progress like an error
    platform: `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`,
    downloads: undefined,
    clock: realClock,
    freeBytes(folder) {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    },
    signal: new AbortController().signal,
    ...options,
  }
}

import { statfsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Time, which tests move by hand. */
interface Clock {
  /** Seconds since a fixed moment. It never goes back. */
  now(): number
  /** Calls a function again and again, in an interval of seconds, until the returned function is called. */
  every(seconds: number, run: () => void): () => void
}

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
  /** Origin of a server that stands for those of the releases: their paths are asked for there. */
  readonly downloads?: string | undefined
  /** Time without a byte after which a download is given up. */
  readonly stallTimeout?: number
  /** Time between two lines of progress. */
  readonly progressInterval?: number
  readonly clock?: Clock
  /** Bytes that this user may still write to the file system of a folder. */
  readonly freeBytes?: (folder: string) => number
  /** Stops everything that was started; what is half done is removed. */
  readonly signal?: AbortSignal
}

export type Settings = Required<InstallOptions>

/** A program cannot be had. Its message says what to do; it is one line, but for the last lines of what Go said. */

/** The folder of the programs, absolute: `$TIPPING_POINT_CACHE`, or `tipping-point` in the user's folder of caches. */
export function cacheFolder(env: Environment): string {
  if (env.TIPPING_POINT_CACHE) return resolve(env.TIPPING_POINT_CACHE)
  const caches = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  return resolve(caches, 'tipping-point')
}

const realClock: Clock = {
  now: () => performance.now() / 1000,
  every(seconds, run) {
    const timer = setInterval(run, seconds * 1000)
    return () => clearInterval(timer)
  },
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Fills in the defaults. */
export function withDefaults(options: InstallOptions): Settings {
  const env = options.env ?? process.env
  return {
    env,
    cache: cacheFolder(env),
    say: line => void process.stderr.write(`${line}\n`), // console.error would colour progress as an error
    platform: `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`,
    downloads: undefined,
    stallTimeout: 15,
    progressInterval: 10,
    clock: realClock,
    freeBytes,
    signal: new AbortController().signal,
    ...options,
  }
}

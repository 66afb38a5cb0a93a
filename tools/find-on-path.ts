import { collect } from '../lib/process.ts'
import type { InstallSettings } from './install-options.ts'
import type { Program } from './programs.ts'

/** For `PROGRAM --version`. A program of the same name that does something else may never end. */
const VERSION_TIMEOUT_MS = 10_000

/** Files that were reported as rejected: once per process is enough. */
const reported = new Set<string>()

/** Returns the absolute path of a program on PATH if its version is new enough. Says why a program is rejected. */
export async function findOnPath(
  { name, oldest }: Program,
  { env, say }: Pick<InstallSettings, 'env' | 'say'>,
): Promise<string | undefined> {
  const file = Bun.which(name, { PATH: env.PATH ?? '' })
  if (file === null) return undefined
  const version = await versionOf(file, name, env)
  if (version !== undefined && Bun.semver.order(version, oldest) >= 0) return file
  const reason = version === undefined ? 'its version cannot be read' : `it is ${version}, and ${oldest} is the oldest`
  if (!reported.has(file)) say(`${file} is passed over: ${reason}`)
  reported.add(file)
  return undefined
}

/** The version of a program; undefined when `PROGRAM --version` does not print one. */
export async function versionOf(file: string, name: string, env: InstallSettings['env']): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(VERSION_TIMEOUT_MS)
    const { code, out, err } = await collect([file, '--version'], { env, signal, abortSignal: 'SIGKILL' })
    // "promtool, version 3.14.0 (…" or "k6 v2.2.0 (…"; older versions print to stderr
    const version = new RegExp(`^${name}(?:, version)? v?(\\d+\\.\\d+\\.\\d+(?:-[\\w.]+)?)`, 'm').exec(out + err)?.[1]
    return code === 0 ? version : undefined
  } catch {
    return undefined // the file cannot be started: not a program, or for another processor
  }
}

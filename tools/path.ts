import type { Settings } from './options.ts'
import type { Program } from './programs.ts'

/** Milliseconds in which a program must print its version; one that does something else may never end. */
const VERSION_TIMEOUT = 10_000

/** What has been said: once is enough, however often a program is looked for. */
const said = new Set<string>()

/** The absolute path of the program on PATH, if it is new enough. Says why one that is there is passed over. */
export async function findOnPath({ name, oldest }: Program, { env, say }: Settings): Promise<string | undefined> {
  const file = Bun.which(name, { PATH: env.PATH ?? '' })
  if (file === null) return undefined

  const version = await versionOf(file, name, env)
  if (version !== undefined && Bun.semver.order(version, oldest) >= 0) return file
  const reason = version === undefined ? 'its version cannot be read' : `it is ${version}, and ${oldest} is the oldest`
  if (!said.has(file)) say(`${file} is passed over: ${reason}`)
  said.add(file)
  return undefined
}

async function versionOf(file: string, name: string, env: Settings['env']): Promise<string | undefined> {
  try {
    const child = Bun.spawn([file, '--version'], { env, stderr: 'pipe', timeout: VERSION_TIMEOUT })
    if ((await child.exited) !== 0) return undefined
    const output = (await child.stdout.text()) + (await child.stderr.text()) // older ones print it to stderr
    // "promtool, version 3.14.0 (…" or "k6 v2.2.0 (…"
    return new RegExp(`^${name}(?:, version)? v?(\\d+\\.\\d+\\.\\d+(?:-[\\w.]+)?)`, 'm').exec(output)?.[1]
  } catch {
    return undefined // it cannot be started: not a program, or of another processor
  }
}

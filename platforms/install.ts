import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { downloadRelease, ReleaseUnavailable } from './download.ts'
import { buildProgram } from './go-build.ts'
import { InstallError, type InstallOptions, type Settings, withDefaults } from './options.ts'
import { findOnPath } from './path.ts'
import type { Program } from './programs.ts'

/**
 * The absolute path of a program: on PATH, else in the cache, else put into the cache from its official release, else
 * from its Go module. Says each step before it starts. Throws an {@link InstallError} where it cannot be had, and the
 * signal's reason when aborted; either way nothing half done is left.
 */
export async function ensureProgram(program: Program, options: InstallOptions = {}): Promise<string> {
  const { version } = program.release
  const label = `${program.name} ${version}`
  const defaults = withDefaults(options)
  const settings = { ...defaults, say: (line: string) => defaults.say(`${label}: ${line}`) }
  const placeOf = (name: string) => resolve(settings.cache, `${name}-${version}`, name)

  const found = await findOnPath(program, settings)
  if (found !== undefined) return found
  if (existsSync(placeOf(program.name))) return placeOf(program.name)

  const folder = temporaryFolder(settings.cache)
  try {
    for (const file of await obtain(program, folder, settings)) {
      const place = placeOf(basename(file))
      mkdirSync(dirname(place), { recursive: true })
      chmodSync(file, 0o755)
      renameSync(file, place) // whole or not at all, even when two do it at once
    }
    return placeOf(program.name)
  } catch (error) {
    throw error instanceof InstallError ? new InstallError(`${label}: ${error.message}`) : error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A new folder in the cache, because a rename is atomic only within one file system. */
function temporaryFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true })
    return mkdtempSync(join(resolve(cache), 'tmp-'))
  } catch (error) {
    const reason = (error as Error).message
    throw new InstallError(`the cache cannot be written (${reason}); set TIPPING_POINT_CACHE to another folder`)
  }
}

/** Paths of the program, and of those that came with it, in `folder`. */
async function obtain(program: Program, folder: string, settings: Settings): Promise<string[]> {
  try {
    return await downloadRelease(program.release, folder, settings)
  } catch (error) {
    if (!(error instanceof ReleaseUnavailable)) throw error
    return [await buildProgram(program, error.message, folder, settings)]
  }
}

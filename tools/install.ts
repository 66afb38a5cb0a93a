import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../lib/user-error.ts'
import { downloadRelease, downloadTree, ReleaseUnavailable } from './download.ts'
import { buildProgram } from './go-build.ts'
import { queue, type Runs, sideBySide } from './jobs.ts'
import { type InstallOptions, type Settings, withDefaults } from './options.ts'
import { findOnPath } from './path.ts'
import type { Program, Tree } from './programs.ts'

/** Prefix of the folders in the cache that are used while something is installed. */
const TEMPORARY = 'tmp-'

/** Age in milliseconds from which such a folder is left over: its process was killed. No installation takes so long. */
const LEFT_OVER_MS = 24 * 60 * 60 * 1000

/** The absolute path of a program, as {@link ensurePrograms} gives it. */
export async function ensureProgram(program: Program, options: InstallOptions = {}): Promise<string> {
  const [path] = await ensurePrograms([program], options)
  return path as string
}

/**
 * The absolute paths of programs, in their order: on PATH, else in the cache, else put into the cache from the official
 * release, else from the Go module. Says each step before it starts.
 *
 * Programs are looked for and downloaded side by side; programs of one release share one download. Builds wait for each
 * other, because Go uses every core already, and what one build compiles the next takes from Go's cache (prometheus and
 * promtool share most packages). A build does not wait for the downloads of others.
 *
 * Throws an {@link UserError} as soon as one cannot be had, and the signal's reason when aborted; either way all others
 * are stopped and nothing half done is left.
 */
export async function ensurePrograms(programs: readonly Program[], options: InstallOptions = {}): Promise<string[]> {
  const settings = withDefaults(options)
  const found = await Promise.all(programs.map(program => find(program, settings)))
  const missing = Map.groupBy(
    programs.filter((_, i) => found[i] === undefined),
    ({ release }) => release.url,
  )
  if (missing.size > 0) {
    const inTurn = queue()
    const groups = [...missing.values()].map(group => [...new Set(group)])
    await sideBySide(settings, runs => groups.map(group => installRelease(group, inTurn, runs, settings)))
  }
  return programs.map((program, i) => found[i] ?? placeOf(program.name, program.release.version, settings))
}

/**
 * The absolute path of the folder of a program that needs all of its archive: in the cache, else put there from the
 * official release. Says the sizes first. Throws as {@link ensurePrograms} does, and where the disk has not enough room.
 */
export async function ensureTree(tree: Tree, options: InstallOptions = {}): Promise<string> {
  const settings = withDefaults(options)
  const place = treeFolder(tree, settings.cache)
  if (!existsSync(place)) await sideBySide(settings, runs => [installTree(tree, place, runs)])
  return place
}

/** Where the folder of such a program is, once it is in the cache: whole or not at all. */
export const treeFolder = ({ name, version }: Tree, cache: string) => resolve(cache, `${name}-${version}`)

const placeOf = (name: string, version: string, { cache }: Settings) => resolve(cache, `${name}-${version}`, name)

async function find(program: Program, settings: Settings): Promise<string | undefined> {
  const place = placeOf(program.name, program.release.version, settings)
  const say = (line: string) => settings.say(`${label([program])}: ${line}`)
  return (await findOnPath(program, { ...settings, say })) ?? (existsSync(place) ? place : undefined)
}

const label = (programs: readonly Program[]) =>
  `${programs.map(({ name }) => name).join(' and ')} ${programs[0]?.release.version}`

/** Puts programs of one release into the cache. */
async function installRelease(
  programs: Program[],
  inTurn: ReturnType<typeof queue>,
  runs: Runs,
  settings: Settings,
): Promise<void> {
  const [{ release }] = programs as [Program]
  const keep = (file: string) => {
    const place = placeOf(basename(file), release.version, settings)
    mkdirSync(dirname(place), { recursive: true })
    chmodSync(file, 0o755)
    renameSync(file, place) // whole or not at all, even when two do it at once
  }
  await inTemporaryFolder(settings.cache, async folder => {
    const why = await runs(label(programs), async job => {
      try {
        for (const file of await downloadRelease(release, folder, job)) keep(file)
        return undefined
      } catch (error) {
        if (!(error instanceof ReleaseUnavailable)) throw error
        return error.message
      }
    })
    if (why === undefined) return
    for (const program of programs)
      keep(await inTurn(() => runs(label([program]), job => buildProgram(program, why, folder, job))))
  })
}

/** Puts all of an archive into the cache. */
async function installTree(tree: Tree, place: string, runs: Runs): Promise<void> {
  const { name, version, downloadMegabytes, unpackedMegabytes } = tree
  await runs(`${name} ${version}`, job =>
    inTemporaryFolder(job.cache, async folder => {
      job.say(`${downloadMegabytes} MB to download, ${unpackedMegabytes} MB in ${job.cache} when it is unpacked`)
      const needed = downloadMegabytes + unpackedMegabytes
      const free = Math.floor(job.freeBytes(folder) / 1e6)
      if (free < needed)
        throw new UserError(
          `${job.cache} has ${free} MB free, and the archive and what is in it take ${needed} MB together; ` +
            'make room, or set TIPPING_POINT_CACHE to a folder on another disk',
        )
      const home = await downloadTree(tree, folder, job).catch(error => {
        if (!(error instanceof ReleaseUnavailable)) throw error
        throw new UserError(`${error.message}; run this again where it can be had, or install ${name} on PATH`)
      })
      try {
        renameSync(home, place) // whole or not at all
      } catch (error) {
        if (!existsSync(place)) throw error // else another process was faster
      }
      job.say('installed')
    }),
  )
}

/** Runs something with a new folder in the cache, because a rename is atomic only within one file system. */
async function inTemporaryFolder(cache: string, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder(cache)
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function temporaryFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true })
    for (const name of readdirSync(cache)) if (isLeftOver(cache, name)) rmSync(join(cache, name), { recursive: true })
    return mkdtempSync(join(resolve(cache), TEMPORARY))
  } catch (error) {
    const reason = (error as Error).message
    throw new UserError(`the cache cannot be written (${reason}); set TIPPING_POINT_CACHE to another folder`)
  }
}

function isLeftOver(cache: string, name: string): boolean {
  if (!name.startsWith(TEMPORARY)) return false
  const stat = statSync(join(cache, name), { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > LEFT_OVER_MS
}

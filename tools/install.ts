import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import pLimit, { type LimitFunction } from 'p-limit'
import { UserError } from '../lib/user-error.ts'
import { CACHE_VARIABLE } from '../service.config.ts'
import { downloadRelease, downloadTree, ReleaseUnavailable } from './download.ts'
import { findOnPath, versionOf } from './find-on-path.ts'
import { buildProgram } from './go-build.ts'
import { type RunJob, runInstallations } from './install-jobs.ts'
import { type InstallOptions, type InstallSettings, withDefaults } from './install-options.ts'
import type { Program, Tree } from './programs.ts'

/** Prefix of the temporary folders in the cache. */
const TEMPORARY = 'tmp-'

/** Age from which the process of a temporary folder must have been killed: no installation takes that long. */
const KILLED_AFTER_MS = 24 * 60 * 60 * 1000

/** Returns the absolute path of a program; see {@link ensurePrograms}. */
export async function ensureProgram(program: Program, options: InstallOptions = {}): Promise<string> {
  const [path] = await ensurePrograms([program], options)
  return path as string
}

/** The version of a program, which is installed first if it is missing. */
export const installedVersion = async (program: Program): Promise<string> =>
  (await versionOf(await ensureProgram(program), program.name, process.env)) ?? 'unknown'

/**
 * Returns the absolute paths of programs, in the same order. Each program comes from PATH, else from the cache; else it is
 * installed into the cache from the official release, else from the Go module. Says each step before the step starts.
 *
 * Downloads run concurrently; programs of one release share a download. Builds run one after another, because Go uses every
 * core and later builds reuse Go's cache (prometheus and promtool share most packages). No build waits for a download of
 * another release.
 *
 * Throws a {@link UserError} as soon as one program cannot be installed, and the signal's reason when aborted; both stop all
 * other installations and leave nothing incomplete.
 */
export async function ensurePrograms(programs: readonly Program[], options: InstallOptions = {}): Promise<string[]> {
  const settings = withDefaults(options)
  const found = await Promise.all(programs.map(program => find(program, settings)))
  const missing = new Set(programs.filter((_, i) => found[i] === undefined))
  const byRelease = [...Map.groupBy(missing, ({ release }) => release.url).values()]
  const builds = pLimit(1)
  if (missing.size > 0)
    await runInstallations(settings, runJob => byRelease.map(group => installRelease(group, builds, runJob, settings)))
  return programs.map((program, i) => found[i] ?? pathInCache(program.name, program.release.version, settings))
}

/**
 * Returns the absolute path of the folder of a program that needs its whole archive: from the cache, else installed from the
 * official release. Says the sizes first. Throws as {@link ensurePrograms} does, and when the disk has too little space.
 */
export async function ensureTree(tree: Tree, options: InstallOptions = {}): Promise<string> {
  const settings = withDefaults(options)
  const path = treeFolder(tree, settings.cache)
  if (!existsSync(path)) await runInstallations(settings, runJob => [installTree(tree, path, runJob)])
  return path
}

/** Path of the folder of a tree in the cache. The folder is complete if it exists. */
export const treeFolder = ({ name, version }: Tree, cache: string) => resolve(cache, `${name}-${version}`)

const pathInCache = (name: string, version: string, { cache }: InstallSettings) =>
  resolve(cache, `${name}-${version}`, name)

async function find(program: Program, settings: InstallSettings): Promise<string | undefined> {
  const path = pathInCache(program.name, program.release.version, settings)
  const say = (line: string) => settings.say(`${labelOf([program])}: ${line}`)
  return (await findOnPath(program, { env: settings.env, say })) ?? (existsSync(path) ? path : undefined)
}

const labelOf = (programs: readonly Program[]) =>
  `${programs.map(({ name }) => name).join(' and ')} ${programs[0]?.release.version}`

/** Puts programs of one release into the cache. */
async function installRelease(
  programs: readonly Program[],
  builds: LimitFunction,
  runJob: RunJob,
  settings: InstallSettings,
): Promise<void> {
  const [{ release }] = programs as [Program]
  const keep = (file: string) => {
    const path = pathInCache(basename(file), release.version, settings)
    mkdirSync(dirname(path), { recursive: true })
    chmodSync(file, 0o755)
    renameSync(file, path) // atomic, also when two processes install the program
  }
  await inTemporaryFolder(settings.cache, async folder => {
    const unavailable = await runJob(labelOf(programs), async job => {
      try {
        for (const file of await downloadRelease(release, folder, job)) keep(file)
        return undefined
      } catch (error) {
        if (error instanceof ReleaseUnavailable) return error.message
        throw error
      }
    })
    if (unavailable === undefined) return
    for (const program of programs)
      keep(await builds(() => runJob(labelOf([program]), job => buildProgram(program, unavailable, folder, job))))
  })
}

/** Puts a whole archive into the cache. */
async function installTree(tree: Tree, path: string, runJob: RunJob): Promise<void> {
  const { name, version, downloadMegabytes, unpackedMegabytes } = tree
  await runJob(`${name} ${version}`, job =>
    inTemporaryFolder(job.cache, async folder => {
      job.say(`${downloadMegabytes} MB to download, ${unpackedMegabytes} MB in ${job.cache} when it is unpacked`)
      const needed = downloadMegabytes + unpackedMegabytes
      const free = Math.floor(job.freeBytes(folder) / 1e6)
      if (free < needed)
        throw new UserError(
          `${job.cache} has ${free} MB free, but the archive and its content need ${needed} MB; ` +
            `make room, or set ${CACHE_VARIABLE} to a folder on another disk`,
        )
      const home = await downloadTree(tree, folder, job).catch(error => {
        if (!(error instanceof ReleaseUnavailable)) throw error
        throw new UserError(`${error.message}; try again with access to the server, or install ${name} on PATH`)
      })
      try {
        renameSync(home, path) // atomic
      } catch (error) {
        if (!existsSync(path)) throw error // else another process was faster
      }
      job.say('installed')
    }),
  )
}

/** Runs work with a new folder in the cache, because a rename is atomic only within one file system. */
async function inTemporaryFolder(cache: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = createTemporaryFolder(cache)
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Also removes the temporary folders of killed processes. */
function createTemporaryFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true })
    for (const name of readdirSync(cache)) {
      const stat = name.startsWith(TEMPORARY) && statSync(join(cache, name), { throwIfNoEntry: false })
      if (stat && Date.now() - stat.mtimeMs > KILLED_AFTER_MS) rmSync(join(cache, name), { recursive: true })
    }
    return mkdtempSync(join(resolve(cache), TEMPORARY))
  } catch (error) {
    const reason = (error as Error).message
    throw new UserError(`the cache cannot be written (${reason}); set ${CACHE_VARIABLE} to another folder`)
  }
}

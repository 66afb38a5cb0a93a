import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { collect } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import { CACHE_VARIABLE } from '../service.config.ts'
import type { Job } from './install-jobs.ts'
import type { Archive, Release, Tree } from './programs.ts'

/** Time without a byte after which a download fails. */
const STALL_SECONDS = 15

/** The official release is not available, but another source may be. The message is a clause that says why. */
export class ReleaseUnavailable extends Error {}

/**
 * Puts the programs of a release into `folder`, and returns their paths. Unpacks nothing unless the checksum is right: a wrong
 * one is a {@link UserError}. Throws {@link ReleaseUnavailable} when the archive cannot be downloaded completely.
 */
export async function downloadRelease(release: Release, folder: string, job: Job): Promise<string[]> {
  const url = urlOf(release, job)
  const members = release.programs.map(name => join(basename(url, '.tar.gz'), name))
  const unpacked = await downloadAndUnpack(release, members, folder, job)
  return members.map(member => join(unpacked, member))
}

/** Puts a whole archive into `folder`, and returns the path of its top folder. Throws as {@link downloadRelease} does. */
export async function downloadTree(tree: Tree, folder: string, job: Job): Promise<string> {
  const unpacked = await downloadAndUnpack(tree, [], folder, job)
  const top = readdirSync(unpacked).find(name => existsSync(join(unpacked, name, tree.program)))
  if (top !== undefined) return join(unpacked, top)
  throw new UserError(`${urlOf(tree, job)} has no FOLDER/${tree.program}; correct the entry in tools/programs.ts`)
}

function urlOf({ url, sha256 }: Archive, { platform, downloads }: Job): string {
  if (sha256[platform] === undefined) throw new ReleaseUnavailable(`no official release is pinned for ${platform}`)
  const [, arch = ''] = platform.split('-')
  const { href, pathname } = new URL(url.replace('{platform}', platform).replace('{arch}', arch))
  return downloads === undefined ? href : downloads + pathname
}

/**
 * Returns the folder with the unpacked files.
 * @param members paths to unpack; none: all
 */
async function downloadAndUnpack(archive: Archive, members: string[], folder: string, job: Job): Promise<string> {
  const { env, signal, platform } = job
  const url = urlOf(archive, job)
  const tar = Bun.which('tar', { PATH: env.PATH ?? '' })
  if (tar === null) throw new ReleaseUnavailable('there is no tar on PATH to unpack the official release with')

  job.say(`downloading the official release, ${url}`)
  const file = join(folder, 'archive.tar.gz')
  const actual = await download(url, file, job)
  if (actual !== archive.sha256[platform])
    throw new UserError(
      `WRONG CHECKSUM, nothing is installed: the SHA-256 of ${url} is ${actual}, not ${archive.sha256[platform]}; ` +
        'either the file was changed or the checksum in tools/programs.ts is wrong: find out which',
    )

  const unpacked = join(folder, 'unpacked')
  mkdirSync(unpacked)
  // --no-same-owner: as root, tar would set the owners that the archive names
  const command = [tar, '-xzf', file, '-C', unpacked, '--no-same-owner', ...members]
  const { code, err } = await job.during(
    seconds => `unpacking for ${seconds} s`,
    () => collect(command, { cwd: folder, env, signal, abortSignal: 'SIGKILL' }),
  )
  if (code === 0) return unpacked
  throw new UserError(
    `${url} cannot be unpacked into ${job.cache} (${err.trim().split('\n').at(-1)}); ` +
      'check that the disk has room and that the entry in tools/programs.ts is right',
  )
}

/** Downloads a file and returns its SHA-256. Writes each chunk at once: the largest archive has half a gigabyte. */
async function download(url: string, file: string, job: Job): Promise<string> {
  const { signal, clock } = job
  const stalled = new AbortController()
  let lastByteAt = clock.now()
  const stopWatching = clock.every(1, () => {
    if (clock.now() - lastByteAt > STALL_SECONDS) stalled.abort(new Error(`nothing came for ${STALL_SECONDS} s`))
  })
  let received = 0
  let total: number | undefined
  const progress = (seconds: number) => {
    const percent = total === undefined ? '' : ` (${Math.floor((100 * received) / total)} %)`
    return `downloaded ${megabytes(received)} of ${megabytes(total)}${percent} in ${seconds} s`
  }
  const hash = new Bun.CryptoHasher('sha256')
  const transfer = async () => {
    await using output = await open(file, 'wx').catch(throwUnwritable)
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, stalled.signal]),
      headers: { 'accept-encoding': 'identity' }, // else Content-Length may be that of a compressed body
    })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const length = response.headers.get('content-length')
    if (length !== null) total = Number(length)
    job.say(`downloading ${megabytes(total)}`)
    // a body that ends early throws
    for await (const chunk of response.body ?? []) {
      hash.update(chunk)
      await output.appendFile(chunk).catch(throwUnwritable)
      received += chunk.length
      lastByteAt = clock.now()
    }
  }
  try {
    await job.during(progress, transfer)
    return hash.digest('hex')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof UserError) throw error
    const [reason] = (error as Error).message.split('. ')
    throw new ReleaseUnavailable(`the official release cannot be downloaded (${reason})`)
  } finally {
    stopWatching()
  }
}

function throwUnwritable({ message }: Error): never {
  throw new UserError(
    `the cache cannot be written (${message}); free disk space, or set ${CACHE_VARIABLE} to another folder`,
  )
}

const megabytes = (bytes: number | undefined) =>
  bytes === undefined ? 'an unknown size' : `${(bytes / 1e6).toFixed(1)} MB`

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { lastLines, runLogged } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import type { Job } from './jobs.ts'

import type { Archive, Release, Tree } from './programs.ts'

/** Name of the archive in the folder of an installation, while it is there. */
const ARCHIVE = 'archive.tar.gz'

/** The official release cannot be had, so that another way must be found. Its message is a clause that says why. */
export class ReleaseUnavailable extends Error {}

/**
 * Puts the programs of a release into `folder`, and returns their paths.
 * Nothing is unpacked before the checksum is seen to be right: a wrong one is an {@link UserError}, for which there is
 * no other way than to find out why. Throws {@link ReleaseUnavailable} where no whole archive comes.
 */
export async function downloadRelease(release: Release, folder: string, job: Job): Promise<string[]> {
  const url = addressOf(release, job)
  const members = release.programs.map(name => join(basename(url, '.tar.gz'), name))
  const unpacked = await downloadAndUnpack(release, members, folder, job)
  return members.map(member => join(unpacked, member))
}

/** Does the same with all of an archive, and returns the path of the folder that it is: the one that has its program. */
export async function downloadTree(tree: Tree, folder: string, job: Job): Promise<string> {
  const unpacked = await downloadAndUnpack(tree, [], folder, job)
  const top = readdirSync(unpacked).find(name => existsSync(join(unpacked, name, tree.program)))
  if (top === undefined)
    throw new UserError(`${addressOf(tree, job)} has no FOLDER/${tree.program}: see what tools/programs.ts says`)
  return join(unpacked, top)
}

function addressOf({ url, sha256 }: Archive, { platform, downloads }: Job): string {
  if (sha256[platform] === undefined) throw new ReleaseUnavailable(`no official release is pinned for ${platform}`)
  const [, arch = ''] = platform.split('-')
  const { href, pathname } = new URL(url.replace('{platform}', platform).replace('{arch}', arch))
  return downloads === undefined ? href : downloads + pathname
}

/** Returns the folder that has what was unpacked: the named members of the archive, or all of it where none is named. */
async function downloadAndUnpack(archive: Archive, members: string[], folder: string, job: Job): Promise<string> {
  const { say, signal, env, platform, cache, clock } = job
  const url = addressOf(archive, job)
  const tar = Bun.which('tar', { PATH: env.PATH ?? '' })
  if (tar === null) throw new ReleaseUnavailable('there is no tar on PATH to unpack the official release with')

  say(`downloading the official release, ${url}`)
  const file = join(folder, ARCHIVE)
  const actual = await download(url, file, job)
  if (actual !== archive.sha256[platform])
    throw new UserError(
      `WRONG CHECKSUM, nothing is installed: the SHA-256 of ${url} is ${actual}, not ${archive.sha256[platform]}; ` +
        'someone has changed the file, or the pin in tools/programs.ts is wrong: find out which',
    )

  const unpacked = join(folder, 'unpacked')
  const log = join(folder, 'tar.log')
  mkdirSync(unpacked)
  const startedAt = clock.now()
  const untrack = job.track(() => `unpacking for ${Math.round(clock.now() - startedAt)} s`)
  try {
    // Without the owners of the archive, which tar would set for root.
    const command = [tar, '-xzf', file, '-C', unpacked, '--no-same-owner', ...members]
    if (await runLogged(command, log, { cwd: folder, env, signal, abortSignal: 'SIGKILL' })) return unpacked
  } finally {
    untrack()
  }
  throw new UserError(
    `${url} cannot be unpacked into ${cache} (${lastLines(log, 1)[0]}): ` +
      `see whether there is room, and whether it has what tools/programs.ts says`,
  )
}

/** Downloads a file and returns its SHA-256. It is not held in memory: the largest has half a gigabyte. */
async function download(url: string, file: string, job: Job): Promise<string> {
  const { signal, say, stallTimeout, clock } = job
  const stalled = new AbortController()
  const startedAt = clock.now()
  let lastByteAt = startedAt
  const stopWatching = clock.every(1, () => {
    if (clock.now() - lastByteAt > stallTimeout) stalled.abort(new Error(`nothing came for ${stallTimeout} s`))
  })
  let received = 0
  let total: number | undefined
  const untrack = job.track(() => {
    const percent = total === undefined ? '' : ` (${Math.floor((100 * received) / total)} %)`
    return `downloaded ${megabytes(received)} of ${megabytes(total)}${percent} in ${Math.round(clock.now() - startedAt)} s`
  })
  const hash = new Bun.CryptoHasher('sha256')
  const output = await open(file, 'wx')

  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, stalled.signal]),
      headers: { 'accept-encoding': 'identity' }, // else the length might be that of a compressed body
    })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const length = response.headers.get('content-length')
    if (length !== null) total = Number(length)
    say(`downloading ${megabytes(total)}`)
    // a body that ends early throws
    for await (const chunk of response.body ?? []) {
      hash.update(chunk)
      await write(output, chunk)
      received += chunk.length
      lastByteAt = clock.now()
    }
    return hash.digest('hex')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof UserError) throw error
    const [reason] = (error as Error).message.split('. ')
    throw new ReleaseUnavailable(`the official release cannot be downloaded (${reason})`)
  } finally {
    stopWatching()
    untrack()
    await output.close()
  }
}

async function write(output: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    await output.appendFile(chunk)
  } catch (error) {
    throw new UserError(
      `the cache cannot be written (${(error as Error).message}); make room, or set TIPPING_POINT_CACHE to another folder`,
    )
  }
}

const megabytes = (bytes: number | undefined) =>
  bytes === undefined ? 'an unknown size' : `${(bytes / 1e6).toFixed(1)} MB`

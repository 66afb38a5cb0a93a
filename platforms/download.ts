import { basename, join } from 'node:path'
import { InstallError, type Settings } from './options.ts'
import type { Release } from './programs.ts'

/** The official release cannot be had, so that another way must be found. Its message is a clause that says why. */
export class ReleaseUnavailable extends Error {}

/**
 * Puts the programs of a release into `folder`, and returns their paths.
 * Nothing is written before the checksum is seen to be right: a wrong one is an {@link InstallError}, for which there is
 * no other way than to find out why. Throws {@link ReleaseUnavailable} where no whole archive comes.
 */
export async function downloadRelease(release: Release, folder: string, settings: Settings): Promise<string[]> {
  const pinned = release.sha256[settings.platform]
  if (pinned === undefined) throw new ReleaseUnavailable(`no official release is pinned for ${settings.platform}`)
  const url = `${settings.downloads}/${release.path.replace('{platform}', settings.platform)}`

  settings.say(`downloading the official release, ${url}`)
  const archive = await download(url, settings)
  const actual = new Bun.CryptoHasher('sha256').update(archive).digest('hex')
  if (actual !== pinned)
    throw new InstallError(
      `WRONG CHECKSUM, nothing is installed: the SHA-256 of ${url} is ${actual}, not ${pinned}; ` +
        'someone has changed the file, or the pin in platforms/programs.ts is wrong: find out which',
    )

  const members = release.programs.map(name => join(basename(url, '.tar.gz'), name))
  const extracted = await new Bun.Archive(archive).extract(folder, { glob: members }).catch(() => 0)
  if (extracted !== members.length)
    throw new InstallError(
      `${members.join(' and ')} cannot be unpacked from ${url} into ${settings.cache}: ` +
        'see whether there is room, and whether they are in it, as platforms/programs.ts says',
    )
  return members.map(member => join(folder, member))
}

async function download(url: string, { signal, say, stallTimeout, progressInterval }: Settings): Promise<Uint8Array> {
  const stalled = new AbortController()
  const giveUp = () => stalled.abort(new Error(`nothing came for ${stallTimeout} s`))
  const patience = setTimeout(giveUp, stallTimeout * 1000)
  const chunks: Uint8Array[] = []
  let received = 0
  let total = 'an unknown size'
  const progress = setInterval(() => say(`downloaded ${megabytes(received)} of ${total}`), progressInterval * 1000)

  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, stalled.signal]),
      headers: { 'accept-encoding': 'identity' }, // else the length might be that of a compressed body
    })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    const length = response.headers.get('content-length')
    if (length !== null) total = megabytes(Number(length))
    say(`downloading ${total}`)
    // a body that ends early throws
    for await (const chunk of response.body ?? []) {
      patience.refresh()
      chunks.push(chunk)
      received += chunk.length
    }
    return Buffer.concat(chunks)
  } catch (error) {
    signal.throwIfAborted()
    const [reason] = (error as Error).message.split('. ')
    throw new ReleaseUnavailable(`the official release cannot be downloaded (${reason})`)
  } finally {
    clearTimeout(patience)
    clearInterval(progress)
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

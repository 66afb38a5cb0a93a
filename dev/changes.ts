import { readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** A change is complete after this time without another event: an editor or `tar` writes a file in several steps. */
const QUIET_MS = 10

/** Files that no process reads: tests, and editors' swap and backup files. */
const IGNORED = /\.test\.ts$|~$|(^|\/)\.[^/]*$/

/**
 * Watches the files under a folder, also in new folders, until this process ends.
 * @param onChange is called with the files, relative to the folder, whose contents changed
 * @param onRewrite is called when files were written, all with the contents that they had before
 */
export function watchChanges(
  folder: string,
  onChange: (files: readonly string[]) => void,
  onRewrite: () => void = () => {},
): void {
  const touched = new Set<string>()
  let events = 0
  watch(folder, { recursive: true }, async (_, file) => {
    if (file === null || IGNORED.test(file)) return
    touched.add(file)
    const event = ++events
    await Bun.sleep(QUIET_MS)
    if (event !== events) return
    const changed = [...touched].filter(differs)
    touched.clear()
    if (changed.length > 0) onChange(changed)
    else onRewrite()
  })

  const before = new Map<string, number | bigint | undefined>()
  function differs(file: string): boolean {
    const now = contentHash(join(folder, file))
    if (now === before.get(file)) return false
    before.set(file, now)
    return true
  }
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).forEach(differs)
}

/** Returns undefined when the file does not exist. */
function contentHash(path: string): number | bigint | undefined {
  try {
    return Bun.hash(readFileSync(path))
  } catch {
    return undefined
  }
}

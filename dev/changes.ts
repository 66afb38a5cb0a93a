import { readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds without another event after which a change counts: an editor or `tar` writes a file in several steps. */
const QUIET_MS = 10

/** Files whose changes matter to no process: tests, and what editors hide (swap files, backups). */
const IGNORED = /\.test\.ts$|~$|(^|\/)\.[^/]*$/

/**
 * Watches the files under a folder, those of new folders too, for as long as this process lives. Calls back with the files,
 * relative to the folder, whose contents differ from before; files that are written again unchanged are none of them.
 */
export function watchChanges(folder: string, onChange: (files: readonly string[]) => void): void {
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

/** Undefined where there is no file of this name. */
function contentHash(path: string): number | bigint | undefined {
  try {
    return Bun.hash(readFileSync(path))
  } catch {
    return undefined
  }
}

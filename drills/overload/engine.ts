import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Progress } from '../../lib/progress.ts'
import { UserError } from '../../lib/user-error.ts'
import { GRAFANA } from '../../platforms/local/grafana.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { Check } from './overload-result.ts'

/** What a drill works with. */
export interface DrillContext {
  readonly platform: Platform
  /** Folder of the report and all that belongs to it. */
  readonly folder: string
  /** Is told what goes on. */
  readonly progress: Progress
  /** Aborts when the drill must end: it was interrupted, or the stack fell. */
  readonly signal: AbortSignal
}

/** Makes the folder of a report, named by the time. Throws a {@link UserError} where it cannot be written. */
export function reportFolder(parent: string): string {
  const name = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const folder = resolve(parent, name)
  try {
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    throw new UserError(`${folder} cannot be made (${(error as Error).message}); set REPORTS to another folder`)
  }
}

/**
 * Watches that nothing of the stack ends by itself: figures of a stack that fell in between mean nothing.
 * @param phase what goes on now, for the message
 * @returns ends the watch
 */
export function guard(platform: Platform, phase: () => string, fallen: (reason: Error) => void): () => void {
  let watching = true
  const watch = async () => {
    const before = new Map((await platform.status())?.parts.map(({ name, restarts }) => [name, restarts]))
    while (watching) {
      await Bun.sleep(500)
      const parts = (await platform.status())?.parts
      if (!watching) return
      if (parts === undefined) return fallen(new UserError(`${phase()}: the stack is gone`))
      const ended = parts.find(({ name, restarts }) => name !== GRAFANA && restarts > (before.get(name) ?? 0))
      if (ended === undefined) continue
      return fallen(new UserError(`${phase()}: ${ended.name} ${ended.lastEnd}; its log: ${ended.details}`))
    }
  }
  watch().catch(fallen)
  return () => {
    watching = false
  }
}

/** A check that a figure is in its bound. */
export function atMost(name: string, seen: number | undefined, bound: number, unit: string): Check {
  const text = seen === undefined || !Number.isFinite(seen) ? 'nothing' : `${Number(seen.toPrecision(3))}${unit}`
  return { name, expected: `at most ${bound}${unit}`, seen: text, ok: seen !== undefined && seen <= bound }
}

import { UserError } from '../../lib/user-error.ts'
import { GRAFANA } from '../../platforms/local/grafana.ts'
import type { Platform } from '../../platforms/platform.ts'

/**
 * Reports when the stack is taken down or one of its programs restarts: figures measured after that mean nothing.
 * @param phase what the drill does now, for the message
 * @param fallen gets a {@link UserError} that names the program, its end and its log
 * @returns stops the guard
 */
export function guard(platform: Platform, phase: () => string, fallen: (reason: Error) => void): () => void {
  let watching = true
  const watch = async () => {
    const before = new Map((await platform.status())?.parts.map(({ name, restarts }) => [name, restarts]))
    while (watching) {
      await Bun.sleep(500)
      const parts = (await platform.status())?.parts
      if (!watching) return
      if (parts === undefined) return fallen(new UserError(`${phase()}: the stack was taken down`))
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

import { every } from '../../lib/poll.ts'
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
  let before: Map<string, number> | undefined
  const look = async () => {
    const parts = (await platform.status())?.parts
    if (parts === undefined) throw new UserError(`${phase()}: the stack was taken down`)
    before ??= new Map(parts.map(({ name, restarts }) => [name, restarts]))
    const ended = parts.find(({ name, restarts }) => name !== GRAFANA && restarts > (before?.get(name) ?? 0))
    if (ended) throw new UserError(`${phase()}: ${ended.name} ${ended.lastEnd}; its log: ${ended.details}`)
  }
  const stop = every(0.5, look, reason => {
    stop()
    fallen(reason)
  })
  return stop
}

import { every } from '../../lib/poll.ts'
import { UserError } from '../../lib/user-error.ts'
import { GRAFANA } from '../../platforms/local/grafana.ts'
import type { Platform, Status } from '../../platforms/platform.ts'

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

/**
 * After a drill: gives a stack that was up `before` its replicas back; takes a stack of the drill down unless `keep`.
 * @param giveBack gives the replicas back to their autoscaler
 * @param say takes a line for each part that was stopped
 */
export async function restore(
  platform: Platform,
  before: Status | undefined,
  giveBack: () => Promise<void>,
  { keep = false, say = () => {} }: { readonly keep?: boolean; readonly say?: (line: string) => void },
): Promise<void> {
  const report = (error: Error) => console.log(error.message) // the drill may have failed by an error of its own
  if (before === undefined && !keep) return platform.down().then(lines => lines.forEach(say), report)
  if (before) await platform.scale(before.replicas).catch(report)
  await giveBack().catch(error => console.log(`the autoscaler did not get its replicas back: ${error.message}`))
}

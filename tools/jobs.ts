import { UserError } from '../lib/user-error.ts'
import type { Settings } from './options.ts'

/** The settings of one of the downloads and builds of a command. The lines that it says begin with its label. */
export interface Job extends Settings {
  /** Adds a text to the lines of progress, until the returned function is called. */
  readonly track: (progress: () => string) => () => void
}

/** Runs a download or a build under a label, which begins its lines, its progress and its errors. */
export type Runs = <T>(label: string, run: (job: Job) => Promise<T>) => Promise<T>

/**
 * Runs several installations to their end. One line of progress is about all of them. One that fails stops the others; then
 * this throws its error, or the signal's reason when aborted.
 */
export async function sideBySide(settings: Settings, start: (runs: Runs) => Promise<void>[]): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([settings.signal, failed.signal])
  const underWay = new Map<string, () => string>()
  const stopTelling = settings.clock.every(settings.progressInterval, () => {
    if (underWay.size > 0) settings.say([...underWay].map(([label, text]) => `${label}: ${text()}`).join('; '))
  })
  const runs: Runs = async (label, run) => {
    signal.throwIfAborted()
    const track = (text: () => string) => {
      underWay.set(label, text)
      return () => void underWay.delete(label)
    }
    try {
      return await run({ ...settings, signal, track, say: line => settings.say(`${label}: ${line}`) })
    } catch (error) {
      const isOwn = error instanceof UserError && !signal.aborted
      throw isOwn ? new UserError(`${label}: ${error.message}`) : error
    }
  }
  await Promise.allSettled(start(runs).map(installation => installation.catch(error => failed.abort(error))))
  stopTelling()
  signal.throwIfAborted()
}

/** Returns a function that runs one thing after the other. */
export function queue() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run)
    last = turn.catch(() => {})
    return turn
  }
}

import { UserError } from '../lib/user-error.ts'
import type { InstallSettings } from './install-options.ts'

/** Time between two lines of progress. */
const PROGRESS_SECONDS = 10

/** One download or build of an installation. The lines that it says begin with its label. */
export interface Job extends InstallSettings {
  /**
   * Runs work. Meanwhile the lines of progress include what `progress` returns.
   * @param progress takes the whole seconds since the start, as does `work`'s parameter
   */
  during<T>(progress: (seconds: number) => string, work: (elapsedSeconds: () => number) => Promise<T>): Promise<T>
}

/** Runs a download or a build under a label, with which its lines, its progress and its errors begin. */
export type RunJob = <T>(label: string, run: (job: Job) => Promise<T>) => Promise<T>

/**
 * Runs installations concurrently, with common lines of progress. When one fails, stops the others and throws its error; when
 * aborted, throws the signal's reason.
 */
export async function runInstallations(
  settings: InstallSettings,
  start: (runJob: RunJob) => Promise<void>[],
): Promise<void> {
  const { clock } = settings
  const failed = new AbortController()
  const signal = AbortSignal.any([settings.signal, failed.signal])
  const running = new Map<string, () => string>()
  const stopProgress = clock.every(PROGRESS_SECONDS, () => {
    if (running.size > 0) settings.say([...running].map(([label, text]) => `${label}: ${text()}`).join('; '))
  })
  const runJob: RunJob = async (label, run) => {
    signal.throwIfAborted()
    const during: Job['during'] = async (progress, work) => {
      const startedAt = clock.now()
      const elapsed = () => Math.round(clock.now() - startedAt)
      running.set(label, () => progress(elapsed()))
      return work(elapsed).finally(() => running.delete(label))
    }
    try {
      return await run({ ...settings, signal, during, say: line => settings.say(`${label}: ${line}`) })
    } catch (error) {
      if (error instanceof UserError && !signal.aborted) throw new UserError(`${label}: ${error.message}`)
      throw error
    }
  }
  await Promise.allSettled(start(runJob).map(installation => installation.catch(error => failed.abort(error))))
  stopProgress()
  signal.throwIfAborted()
}

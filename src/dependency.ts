import type { Logger } from './telemetry/logger.ts'

/** Something that the service needs, such as a database, cannot be used when the service starts. The message is one line. */
export class DependencyError extends Error {}

/** Something that the service needs, such as a database. */
export interface Dependency {
  /** Why the service cannot use it now, for `/readyz`; undefined when it can. */
  readonly unavailable: string | undefined
}

/** Milliseconds between two checks, and the timeout of a check. */
const INTERVAL_MS = 1000

/**
 * Checks a dependency each second until it is disposed. `/readyz` reads the last result: a probe never waits for the dependency,
 * and more probes are no more load on it. Rejects with a {@link DependencyError} when the first check fails.
 * @param name for messages, such as `the database`
 * @param check rejects when the dependency fails. It must not wait behind requests, or an overload would count as a failure, and
 *   a replica that is not ready leaves its load to the others.
 * @param log gets a line when the dependency fails, and one when it works again
 */
export async function watchDependency(
  name: string,
  check: () => Promise<unknown>,
  log: Pick<Logger, 'warn'>,
  intervalMs = INTERVAL_MS,
): Promise<Dependency & Disposable> {
  let unavailable: string | undefined
  let isRunning = true

  async function failureOfCheck(): Promise<unknown> {
    const tooLate = Bun.sleep(INTERVAL_MS).then(() => Promise.reject(new Error(`no answer within ${INTERVAL_MS} ms`)))
    try {
      await Promise.race([check(), tooLate])
    } catch (error) {
      return error
    }
    return undefined
  }

  async function watch(): Promise<void> {
    while (isRunning) {
      await Bun.sleep(intervalMs)
      const failure = await failureOfCheck()
      if (!isRunning) return
      if (failure === undefined && unavailable !== undefined) log.warn(`${name} can be used again`)
      if (failure !== undefined && unavailable === undefined) log.warn({ err: failure }, `${name} cannot be used`)
      unavailable = failure === undefined ? undefined : `The service cannot use ${name}.`
    }
  }

  const failure = await failureOfCheck()
  if (failure !== undefined) throw new DependencyError(`${name} cannot be used: ${(failure as Error).message}`)
  watch()
  return {
    get unavailable() {
      return unavailable
    },
    [Symbol.dispose]() {
      isRunning = false
    },
  }
}

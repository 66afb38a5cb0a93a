import { setTimeout as wait } from 'node:timers/promises'

export interface PollOptions {
  readonly timeoutSeconds: number
  /** Default: 0.25. */
  readonly intervalSeconds?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `ask` until the answer is neither false nor undefined, and returns that answer; returns undefined after the timeout.
 * Asks at least once, and once more after the timeout. Throws what `ask` throws, and the signal's reason when aborted.
 */
export async function poll<T>(
  ask: () => T | Promise<T>,
  { timeoutSeconds, intervalSeconds = 0.25, signal }: PollOptions,
): Promise<Exclude<T, false | undefined> | undefined> {
  for (const end = performance.now() + timeoutSeconds * 1000; ; ) {
    signal?.throwIfAborted()
    const isLast = performance.now() >= end
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>
    if (isLast) return undefined
    await wait(intervalSeconds * 1000, undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
  }
}

/**
 * Calls `look` every `intervalSeconds`, the first time at once, one call after the other; returns a function that stops this.
 * @param onError takes what `look` throws before it is stopped. Default: errors are ignored.
 */
export function every(
  intervalSeconds: number,
  look: () => unknown,
  onError: (error: Error) => void = () => {},
): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const ask = async () => {
    try {
      await look()
    } catch (error) {
      if (!signal.aborted) onError(error as Error)
    }
    return false
  }
  poll(ask, { timeoutSeconds: Number.POSITIVE_INFINITY, intervalSeconds, signal }).catch(() => {})
  return () => stop.abort()
}

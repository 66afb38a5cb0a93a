/**
 * Runs CPU-bound jobs in the order of arrival, one in each turn of the event loop.
 *
 * Calculating in the handler instead would hide an overload: requests would wait in the kernel, where the service cannot
 * measure them, and probes, scrapes and signals would wait with them. In the queue, the wait is part of the request's
 * duration, and everything else is answered between two jobs.
 */
export class Queue {
  readonly #nextTurn: (callback: () => void) => unknown
  /** Keeps the order of insertion, and removes in constant time. */
  readonly #waiting = new Set<() => void>()
  #scheduled = false

  constructor(nextTurn: (callback: () => void) => unknown = setImmediate) {
    this.#nextTurn = nextTurn
  }

  /**
   * Runs `job` in its turn. Rejects with what `job` throws; or with the signal's reason when the signal aborts first, and then
   * never runs `job`.
   */
  run<T>(job: () => T, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = () => {
      this.#waiting.delete(start)
      signal.removeEventListener('abort', abandon)
    }
    const abandon = () => {
      leave()
      reject(signal.reason)
    }
    const start = () => {
      leave()
      try {
        resolve(job())
      } catch (error) {
        reject(error)
      }
    }
    signal.addEventListener('abort', abandon)
    this.#waiting.add(start)
    this.#schedule()
    return promise
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return
    this.#scheduled = true
    this.#nextTurn(() => {
      this.#scheduled = false
      const [next] = this.#waiting
      next?.()
      this.#schedule()
    })
  }
}

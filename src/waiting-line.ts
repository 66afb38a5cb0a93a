/** Work that waits for its turn, in the order of arrival. Who calls {@link next} decides how much runs at the same time. */
export class WaitingLine {
  /** Starts the work, and abandons it for a reason. Keeps the order of insertion, and removes in constant time. */
  readonly #waiting = new Map<() => void, (reason: unknown) => void>()

  /** Number of those that wait. */
  get length(): number {
    return this.#waiting.size
  }

  /**
   * Runs `work` in its turn. Rejects with what `work` throws; or with the signal's reason when the signal aborts first, and then
   * never runs `work`.
   */
  add<T>(work: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = () => {
      this.#waiting.delete(start)
      signal.removeEventListener('abort', hangUp)
    }
    const abandon = (reason: unknown) => {
      leave()
      reject(reason)
    }
    const hangUp = () => abandon(signal.reason)
    const start = () => {
      leave()
      try {
        resolve(work())
      } catch (error) {
        reject(error)
      }
    }
    signal.addEventListener('abort', hangUp)
    this.#waiting.set(start, abandon)
    return promise
  }

  /** Runs the work that has waited longest, if any waits. */
  next(): void {
    const [start] = this.#waiting.keys()
    start?.()
  }

  /** Rejects all that wait with a reason. */
  clear(reason: Error): void {
    for (const abandon of this.#waiting.values()) abandon(reason)
  }
}

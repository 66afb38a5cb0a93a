import { WaitingLine } from '../../waiting-line.ts'

/**
 * Runs CPU-bound jobs in the order of arrival, one in each turn of the event loop.
 *
 * Calculating in the handler instead would hide an overload: requests would wait in the kernel, where the service cannot
 * measure them, and probes, scrapes and signals would wait with them. In the queue, the wait is part of the request's
 * duration, and everything else is answered between two jobs.
 */
export class Queue {
  readonly #nextTurn: (callback: () => void) => unknown
  readonly #line = new WaitingLine()
  #scheduled = false

  constructor(nextTurn: (callback: () => void) => unknown = setImmediate) {
    this.#nextTurn = nextTurn
  }

  /**
   * Runs `job` in its turn. Rejects with what `job` throws; or with the signal's reason when the signal aborts first, and then
   * never runs `job`.
   */
  run<T>(job: () => T, signal: AbortSignal): Promise<T> {
    const done = this.#line.add(job, signal)
    this.#schedule()
    return done
  }

  #schedule(): void {
    if (this.#scheduled || this.#line.length === 0) return
    this.#scheduled = true
    this.#nextTurn(() => {
      this.#scheduled = false
      this.#line.next()
      this.#schedule()
    })
  }
}

/** Where the service is in its life; what its probes answer from. Alive, not started and not ready at first. */
export class Lifecycle {
  /** True once the service has warmed up, and from then on. */
  started = false
  /** True from the first signal on: not ready, but alive. */
  draining = false
  /** Moment (on the clock of `performance.now`) until which the unready fault holds it. */
  heldUntil = 0

  /** Why the service takes no traffic now, or undefined when it does. */
  get unready(): string | undefined {
    if (this.draining) return 'It is shutting down.'
    if (!this.started) return 'It is still starting.'
    return performance.now() < this.heldUntil ? 'The unready fault holds it.' : undefined
  }
}

import type { Dependency } from './dependency.ts'

/** The state that the probes answer from. The service is alive, not started and not ready at first. */
export class Lifecycle {
  /** True once the service has warmed up, and from then on. */
  started = false
  /** True from the first signal on: not ready, but alive. */
  draining = false
  /** Time on the clock of `performance.now` until which the unready fault keeps the service unready. */
  unreadyUntil = 0
  /** What the service needs to answer requests. */
  dependencies: readonly Dependency[] = []

  /** Why the service takes no traffic now; undefined when the service is ready. */
  get unready(): string | undefined {
    if (this.draining) return 'The service is shutting down.'
    if (!this.started) return 'The service is starting.'
    if (performance.now() < this.unreadyUntil) return 'The unready fault is active.'
    return this.dependencies.find(({ unavailable }) => unavailable !== undefined)?.unavailable
  }
}

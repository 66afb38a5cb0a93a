import { setTimeout as sleep } from 'node:timers/promises'
import type { IntegerRange } from '../../integer.ts'
import type { Lifecycle } from '../../lifecycle.ts'
import { Problem } from '../../problem.ts'

/** A fault that takes an amount, limited by its range. */
interface Fault {
  readonly summary: string
  readonly range: IntegerRange
  /** Inflicts the fault; `signal` aborts when the client closes the connection. */
  inflict(amount: number, signal: AbortSignal): unknown
}

/** Time after which held memory is released, so that a forgotten fault ends by itself. */
const MEMORY_HELD_MS = 10 * 60_000

/** Blocks the event loop. */
function blockEventLoop(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** The faults that take an amount, by name. */
export function createFaults(lifecycle: Lifecycle): Record<string, Fault> {
  const held: Uint8Array[] = []
  let release: Timer | undefined

  return {
    status: {
      summary: 'Answer with this status',
      range: { name: 'code', minimum: 400, maximum: 599 },
      inflict(status) {
        throw new Problem('injected-fault', `Status ${status} was requested.`, { status })
      },
    },
    delay: {
      summary: 'Answer late',
      range: { name: 'milliseconds', minimum: 0, maximum: 10_000 },
      inflict: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
    },
    block: {
      summary: 'Block the event loop',
      range: { name: 'milliseconds', minimum: 0, maximum: 10_000 },
      inflict: blockEventLoop,
    },
    memory: {
      summary: 'Hold memory for at most ten minutes; 0 releases it',
      range: { name: 'mebibytes', minimum: 0, maximum: 256 },
      inflict(mebibytes) {
        clearTimeout(release)
        held[0] = new Uint8Array(mebibytes * 2 ** 20).fill(1) // untouched pages would not be resident
        Bun.gc(true) // releases what was held before
        if (mebibytes > 0) release = setTimeout(() => held.pop(), MEMORY_HELD_MS).unref()
      },
    },
    unready: {
      summary: 'Make the service unready for a time; 0 ends the fault',
      range: { name: 'seconds', minimum: 0, maximum: 600 },
      inflict(seconds) {
        lifecycle.unreadyUntil = performance.now() + seconds * 1000
      },
    },
  }
}

/** Ends the process by an uncaught exception, 50 ms later, so that the answer is sent first. */
export function crashSoon(): void {
  setTimeout(() => {
    throw new Error('crash requested by /faults/crash')
  }, 50)
}

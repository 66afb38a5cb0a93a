import { setTimeout as sleep } from 'node:timers/promises'
import type { IntegerRange } from '../../integer.ts'
import type { Lifecycle } from '../../lifecycle.ts'
import { Problem } from '../../problem.ts'

/** A fault that takes an amount; no fault does more than the maximum of its range. */
interface Fault {
  readonly summary: string
  readonly range: IntegerRange
  /** Does it; `gone` aborts when the client hangs up. */
  inflict(amount: number, gone: AbortSignal): unknown
}

/** How long memory is held, in milliseconds, so that a forgotten fault ends by itself. */
const MEMORY_HELD = 10 * 60_000

/** Keeps the event loop from turning for so many milliseconds. */
function blockEventLoop(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** The faults that take an amount, by their names. */
export function createFaults(lifecycle: Lifecycle): Record<string, Fault> {
  const held: Uint8Array[] = []
  let release: Timer | undefined

  return {
    status: {
      summary: 'Answer with this status',
      range: { name: 'code', minimum: 400, maximum: 599 },
      inflict(status) {
        throw new Problem('injected-fault', `Status ${status} was asked for.`, { status })
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
      summary: 'Hold memory for at most ten minutes; 0 lets it go',
      range: { name: 'mebibytes', minimum: 0, maximum: 256 },
      inflict(mebibytes) {
        clearTimeout(release)
        held[0] = new Uint8Array(mebibytes * 2 ** 20).fill(1) // untouched pages would not be resident
        Bun.gc(true) // what was held before goes now
        if (mebibytes > 0) release = setTimeout(() => held.pop(), MEMORY_HELD).unref()
      },
    },
    unready: {
      summary: 'Say not ready for a time; 0 ends it',
      range: { name: 'seconds', minimum: 0, maximum: 600 },
      inflict(seconds) {
        lifecycle.heldUntil = performance.now() + seconds * 1000
      },
    },
  }
}

/** Ends the process as an uncaught exception does, once the answer has had time to leave. */
export function crashSoon(): void {
  setTimeout(() => {
    throw new Error('crash asked for by /faults/crash')
  }, 50)
}

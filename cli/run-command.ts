import { constants } from 'node:os'
import { bypassProxyForLoopback } from '../lib/loopback.ts'
import { UserError } from '../lib/user-error.ts'

/** Exit status of a command line, or of a SERVICE, that is not understood. */
export const USAGE_ERROR = 2

/**
 * Runs a command and ends the process with the exit status that the command returns, with 1 after a {@link UserError}, and
 * with 128 + n after signal n, as shells do. The first signal aborts the command, which ends what it started; the second ends
 * this process at once, and the kernel ends what it started.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<number>): Promise<never> {
  bypassProxyForLoopback()
  const stop = new AbortController()
  let failure = 1
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(failure)
      failure = 128 + constants.signals[signal]
      console.error(`\n${signal}: ending what was started; a second one ends at once`)
      stop.abort(new UserError(`stopped by ${signal}`))
    })
  try {
    process.exit(await command(stop.signal))
  } catch (error) {
    const stopped = error === stop.signal.reason ? '; everything that this command started has ended' : ''
    console.error(error instanceof UserError ? error.message + stopped : error)
    process.exit(failure)
  }
}

import { constants } from 'node:os'
import { bypassProxyForLoopback } from '../lib/loopback.ts'
import { UserError } from '../lib/user-error.ts'

/**
 * Runs a command to its end and ends the process with the exit status that it returns; with 1 and a message where it
 * throws what people can mend; and as shells do where a signal stops it.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<number>): Promise<never> {
  bypassProxyForLoopback()
  const stop = new AbortController()
  let failure = 1
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      failure = 128 + constants.signals[signal]
      stop.abort(new UserError(`stopped by ${signal}; what was started by this is ended`))
    })
  try {
    process.exit(await command(stop.signal))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    console.error(error.message)
    process.exit(failure)
  }
}

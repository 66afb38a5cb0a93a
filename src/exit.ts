import type { Logger } from './telemetry/logger.ts'

/** Exits when all lines of the log are written. */
export const exit = (log: Logger, code: number) => log.flush(() => process.exit(code))

/** Logs an uncaught exception or an unhandled rejection and exits with 1. (Bun would print it as text.) */
export function exitOnErrors(log: Logger): void {
  const onError = (message: string) => (err: unknown) => {
    log.fatal({ err }, message)
    exit(log, 1)
  }
  process
    .on('uncaughtException', onError('uncaught exception'))
    .on('unhandledRejection', onError('unhandled rejection'))
}

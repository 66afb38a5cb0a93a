/** An error that the user can mend. The message is one line: what happened, what it means and what to do; lines of a log may follow. */
export class UserError extends Error {}

/** The message of an error of work that may have been aborted: then that of the signal's reason. */
export const failureOf = (error: unknown, signal: AbortSignal): string =>
  ((signal.aborted ? signal.reason : error) as Error).message

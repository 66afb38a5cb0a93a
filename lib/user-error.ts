/** An error that the user can mend. The message is one line: what happened, what it means and what to do; lines of a log may follow. */
export class UserError extends Error {}

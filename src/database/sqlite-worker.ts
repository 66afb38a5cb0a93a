// A connection to a file of SQLite, in a thread of its own. The first message opens the file; each later one is a query.
import { Database, type SQLQueryBindings } from 'bun:sqlite'

declare const self: Worker

/** The messages that the worker takes. Times are in milliseconds. */
export type SQLiteMessage =
  | { readonly file: string; readonly queryMs: number; readonly lockTimeoutMs: number }
  | { readonly statement: string; readonly values: readonly SQLQueryBindings[] }
  | { readonly close: true }

let database: Database
let wait = () => {}

function answer(message: SQLiteMessage): unknown[] {
  if ('statement' in message) {
    wait()
    return database.query(message.statement).all(...message.values)
  }
  if ('close' in message) {
    database.close()
    return []
  }
  const { file, queryMs, lockTimeoutMs } = message
  database = new Database(file)
  database.run(`PRAGMA busy_timeout = ${lockTimeoutMs}`)
  database.run('PRAGMA journal_mode = WAL') // readers do not wait for a writer
  if (queryMs > 0) wait = () => Bun.sleepSync(queryMs)
  return []
}

self.onmessage = ({ data }) => {
  try {
    postMessage({ rows: answer(data) })
  } catch (error) {
    postMessage({ error })
  }
}

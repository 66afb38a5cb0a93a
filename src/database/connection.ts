import type { SQLQueryBindings } from 'bun:sqlite'
import { SQL } from 'bun'
import { DependencyError } from '../dependency.ts'
import type { SQLiteMessage } from './sqlite-worker.ts'

/** A connection to the database. */
export interface Connection extends AsyncDisposable {
  /** Runs a statement with the parameters $1, $2, …, and resolves to its rows. */
  query(statement: string, values?: readonly SQLQueryBindings[]): Promise<unknown[]>
}

/** Milliseconds that a statement may wait for a lock. */
const LOCK_TIMEOUT_MS = 1000

const POSTGRES = /^postgres(ql)?:/

/**
 * Connects to Postgres (`postgres://…`), else to a file of SQLite. Rejects with a `DependencyError` without the URL, which may
 * hold a password.
 * @param queryMs milliseconds that each query waits at the database
 */
export async function connect(url: string, queryMs: number): Promise<Connection> {
  try {
    return await (POSTGRES.test(url) ? connectToPostgres(url, queryMs) : connectToSQLite(url, queryMs))
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    throw new DependencyError(`DATABASE_URL: the database cannot be reached (${code ?? message})`)
  }
}

async function connectToPostgres(url: string, queryMs: number): Promise<Connection> {
  const sql = new SQL(url, { max: 1, connectionTimeout: 2, connection: { lock_timeout: `${LOCK_TIMEOUT_MS}` } })
  await sql.connect()
  return {
    async query(statement, values = []) {
      if (queryMs > 0) await sql`SELECT pg_sleep(${queryMs / 1000})`
      return sql.unsafe(statement, [...values])
    },
    [Symbol.asyncDispose]: () => sql.close({ timeout: 1 }),
  }
}

/** SQLite in a worker: bun:sqlite waits for the disk and for locks, and the event loop must not wait with it. */
async function connectToSQLite(file: string, queryMs: number): Promise<Connection> {
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url))
  const asked: PromiseWithResolvers<unknown[]>[] = [] // the worker answers in order
  worker.onmessage = ({ data: { rows, error } }) =>
    error === undefined ? asked.shift()?.resolve(rows) : asked.shift()?.reject(error)
  worker.onerror = ({ message }) => asked.shift()?.reject(new Error(message))
  const ask = (message: SQLiteMessage) => {
    const answer = Promise.withResolvers<unknown[]>()
    asked.push(answer)
    worker.postMessage(message)
    return answer.promise
  }
  await ask({ file, queryMs, lockTimeoutMs: LOCK_TIMEOUT_MS })
  return {
    query: (statement, values = []) => ask({ statement, values }),
    async [Symbol.asyncDispose]() {
      await ask({ close: true })
      worker.terminate()
    },
  }
}

/** Locks a table of Postgres, or a whole file of SQLite, so that nobody else can write until the connection is disposed. */
export async function lockWrites(url: string, table: string): Promise<AsyncDisposable> {
  const connection = await connect(url, 0)
  if (!POSTGRES.test(url)) await connection.query('BEGIN IMMEDIATE')
  else {
    await connection.query('BEGIN')
    await connection.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`)
  }
  return connection
}

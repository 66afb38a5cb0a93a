import type { SQLQueryBindings } from 'bun:sqlite'
import { number, type Settings, secret, setting, text } from '../config.ts'
import type { StartContext } from '../definition.ts'
import { type Dependency, watchDependency } from '../dependency.ts'
import { Pool } from '../pool.ts'
import { Problem } from '../problem.ts'
import { metric } from '../telemetry/catalogue.ts'
import { gaugeFromCatalogue } from '../telemetry/metrics.ts'
import { connect } from './connection.ts'

/** The configuration of a database. */
export interface DatabaseConfig {
  /** Postgres (`postgres://…`), or the path of a file of SQLite. */
  readonly database: string
  readonly connections: number
  /** Milliseconds that each query waits at the database. */
  readonly queryMs: number
}

const INTEGER = number('an integer from 0 to 999', 999, /^\d{1,3}$/)
const ADDRESS = text('postgres://user:password@host/database, or the path of a file', /./)

/**
 * The variables of a service with a database.
 * @param file the default, a file of SQLite
 * @param queryMs default of QUERY_MS
 */
export const databaseSettings = (file: string, queryMs: number): Settings<DatabaseConfig> => ({
  database: secret(setting('DATABASE_URL', file, 'the database: Postgres, or a file of SQLite', ADDRESS)),
  connections: setting('DATABASE_CONNECTIONS', '2', 'connections in the pool', INTEGER),
  queryMs: setting('QUERY_MS', `${queryMs}`, 'milliseconds that each query waits at the database, for drills', INTEGER),
})

/** The metrics of the pool. */
export const databaseCatalogue = {
  waiting: metric('gauge', 'db_pool_waiting', 'requests', 'Requests that wait for a connection to the database.'),
  busy: metric('gauge', 'db_pool_busy', 'connections', 'Connections to the database that serve a request.'),
}

/** A database that a service uses. */
export interface Database extends Dependency {
  /**
   * Runs a statement with the parameters $1, $2, … on the first free connection, and resolves to its rows. Rejects with a
   * {@link Problem} (503) when the database fails, and with the signal's reason when the signal aborts while the statement waits.
   */
  query<Row>(signal: AbortSignal, statement: string, ...values: SQLQueryBindings[]): Promise<Row[]>
}

/**
 * Opens a pool of connections, exports how many requests wait for one, and checks the database each second. Rejects with a
 * `DependencyError` when the database cannot be used.
 * @param schema statements that make the tables unless they exist, and the content that must exist
 * @param check statement that fails when the tables cannot be read
 */
export async function openDatabase(
  { config: { database, connections, queryMs }, log, registry, resources }: StartContext<DatabaseConfig>,
  schema: readonly string[],
  check: string,
): Promise<Database> {
  // Not a connection of the pool: in an overload a check would wait for one, and the service would not be ready.
  const watched = resources.use(await connect(database, 0))
  for (const statement of schema) await watched.query(statement)
  const health = resources.use(await watchDependency('the database', () => watched.query(check), log))
  const pool = resources.use(await Pool.open(connections, () => connect(database, queryMs)))
  gaugeFromCatalogue(databaseCatalogue.waiting, registry, () => pool.waiting)
  gaugeFromCatalogue(databaseCatalogue.busy, registry, () => pool.busy)
  return {
    get unavailable() {
      return health.unavailable
    },
    async query<Row>(signal: AbortSignal, statement: string, ...values: SQLQueryBindings[]) {
      try {
        return (await pool.use(connection => connection.query(statement, values), signal)) as Row[]
      } catch (error) {
        if (signal.aborted) throw error
        log.error({ err: error }, 'query failed')
        throw new Problem('dependency-failed', 'The database did not answer. Try again.')
      }
    },
  }
}

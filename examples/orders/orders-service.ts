import { Counter } from 'prom-client'
import { version } from '../../package.json'
import { number, secret, setting, text } from '../../src/config.ts'
import type { ServiceDefinition } from '../../src/definition.ts'
import { watchDependency } from '../../src/dependency.ts'
import { Pool } from '../../src/pool.ts'
import { fromCatalogue, gaugeFromCatalogue } from '../../src/telemetry/metrics.ts'
import { connect } from './database.ts'
import { OUTCOMES, ordersCatalogue } from './orders-catalogue.ts'
import { orders, PLACE } from './orders-routes.ts'
import { SAMPLE, SERVICE_CONFIG } from './service.config.ts'

const DATABASE = text('postgres://user:password@host/database, or the path of a file', /^.+$/)
const INTEGER = number('an integer from 0 to 999', 999, /^\d{1,3}$/)
const TABLE = 'CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER NOT NULL)'

interface OrdersConfig {
  readonly database: string
  readonly connections: number
  readonly queryMs: number
}

/** A shop that takes orders and keeps them in a database. */
export const ORDERS_SERVICE: ServiceDefinition<OrdersConfig> = {
  ...SERVICE_CONFIG,
  version,
  links: { order: '/orders/{id}' },
  warmUp: SERVICE_CONFIG.probe.path,
  settings: {
    database: secret(setting('DATABASE_URL', 'orders.sqlite', 'the database: Postgres, or a file of SQLite', DATABASE)),
    connections: setting('DATABASE_CONNECTIONS', '2', 'connections in the pool', INTEGER),
    // SQLite on a local disk answers in 0.1 ms; with such a database a replica would run out of CPU first.
    queryMs: setting('QUERY_MS', '25', 'time that a query waits at the database, as for a disk or a network', INTEGER),
  },
  async start({ config: { database, connections, queryMs }, log, registry, resources }) {
    const watched = resources.use(await connect(database, 0)) // not of the pool: an overload is no failure
    await watched.query(TABLE)
    await watched.query(PLACE, [SAMPLE.id, SAMPLE.item, SAMPLE.quantity])
    const check = () => watched.query('SELECT 1 FROM orders LIMIT 1')
    const dependency = resources.use(await watchDependency('the database', check, log))
    const pool = resources.use(await Pool.open(connections, () => connect(database, queryMs)))

    gaugeFromCatalogue(ordersCatalogue.poolWaiting, registry, () => pool.waiting)
    gaugeFromCatalogue(ordersCatalogue.poolBusy, registry, () => pool.busy)
    const placed = new Counter(fromCatalogue(ordersCatalogue.orders, registry))
    const labels = (outcome: string) => ({ [ordersCatalogue.orders.labels.outcome]: outcome })
    for (const outcome of OUTCOMES) placed.inc(labels(outcome), 0)
    return {
      modules: [orders({ pool, log, count: outcome => placed.inc(labels(outcome)) })],
      dependencies: [dependency],
    }
  },
}

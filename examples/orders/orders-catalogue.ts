import { metric } from '../../src/telemetry/catalogue.ts'

/** What became of an order that was placed. */
export const OUTCOMES = ['accepted', 'refused', 'failed'] as const

/** The metrics that this service has beside those of every service. */
export const ordersCatalogue = {
  orders: metric('counter', 'orders_total', 'orders', 'Orders that were placed, by what became of them.', {
    outcome: 'outcome',
  }),
  poolWaiting: metric('gauge', 'db_pool_waiting', 'requests', 'Requests that wait for a connection to the database.'),
  poolBusy: metric('gauge', 'db_pool_busy', 'connections', 'Connections to the database that serve a request.'),
}

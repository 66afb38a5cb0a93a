import { databaseCatalogue } from '../../src/database/database.ts'
import { metric } from '../../src/telemetry/catalogue.ts'

/** What became of an order that was placed. */
export const OUTCOMES = ['accepted', 'refused', 'failed'] as const

/** The metrics that this service has beside those of every service. */
export const ordersCatalogue = {
  ...databaseCatalogue,
  orders: metric('counter', 'orders_total', 'orders', 'Orders that were placed, by what became of them.', {
    outcome: 'outcome',
  }),
}

import { Elysia, t } from 'elysia'
import type { Database } from '../../src/database/database.ts'
import { PROBLEM_SCHEMA } from '../../src/openapi.ts'
import { Problem } from '../../src/problem.ts'
import type { OUTCOMES } from './orders-catalogue.ts'

/** The most pieces that the shop sells at once. */
const MAX_QUANTITY = 100

const Id = t.Object({ id: t.String({ format: 'uuid' }) })
const Content = t.Object({ item: t.String({ minLength: 1, maxLength: 64 }), quantity: t.Integer({ minimum: 1 }) })
const Order = t.Composite([Id, Content])

const READ = 'SELECT id, item, quantity FROM orders WHERE id = $1'
const PLACE = `INSERT INTO orders (id, item, quantity) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET item = excluded.item, quantity = excluded.quantity RETURNING id, item, quantity`

/**
 * `GET /orders/{id}` reads an order, and `PUT /orders/{id}` places or replaces one.
 * @param count counts an order that was placed
 */
export const orders = (database: Database, count: (outcome: (typeof OUTCOMES)[number]) => void) =>
  new Elysia({ name: 'orders', detail: { tags: ['orders'] } })
    .get(
      '/orders/:id',
      async ({ params: { id }, request: { signal } }) => {
        const [order] = await database.query<typeof Order.static>(signal, READ, id)
        if (order === undefined) throw new Problem('not-found', `There is no order ${id}.`)
        return order
      },
      { params: Id, response: { 200: Order, 404: PROBLEM_SCHEMA, 503: PROBLEM_SCHEMA } },
    )
    .put(
      '/orders/:id',
      async ({ params: { id }, body: { item, quantity }, request: { signal } }) => {
        if (quantity > MAX_QUANTITY) {
          count('refused')
          throw new Problem('refused', `The shop sells at most ${MAX_QUANTITY} pieces at once.`)
        }
        const rows = await database.query<typeof Order.static>(signal, PLACE, id, item, quantity).catch(error => {
          if (!signal.aborted) count('failed')
          throw error
        })
        count('accepted')
        return rows[0] as typeof Order.static
      },
      { params: Id, body: Content, response: { 200: Order, 409: PROBLEM_SCHEMA, 503: PROBLEM_SCHEMA } },
    )

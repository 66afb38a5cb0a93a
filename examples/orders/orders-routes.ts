import { Elysia, t } from 'elysia'
import { PROBLEM_SCHEMA } from '../../src/openapi.ts'
import type { Pool } from '../../src/pool.ts'
import { Problem } from '../../src/problem.ts'
import type { Logger } from '../../src/telemetry/logger.ts'
import type { Connection } from './database.ts'
import type { OUTCOMES } from './orders-catalogue.ts'

/** The most pieces that the shop sells at once. */
const STOCK = 100

const Id = t.Object({ id: t.String({ format: 'uuid' }) })
const Content = t.Object({ item: t.String({ minLength: 1, maxLength: 64 }), quantity: t.Integer({ minimum: 1 }) })
const Order = t.Composite([Id, Content])
type Order = typeof Order.static

/** What the routes of orders are made from. */
interface OrdersDeps {
  readonly pool: Pool<Connection>
  readonly log: Pick<Logger, 'error'>
  /** Counts an order that was placed. */
  readonly count: (outcome: (typeof OUTCOMES)[number]) => void
}

/** `GET /orders/{id}` reads an order, and `PUT /orders/{id}` places or replaces one. */
export function orders({ pool, log, count }: OrdersDeps) {
  async function query(
    { signal }: Request,
    statement: string,
    values: readonly (string | number)[],
  ): Promise<Order | undefined> {
    try {
      return (await pool.use(connection => connection.query(statement, values), signal))[0] as Order | undefined
    } catch (error) {
      if (signal.aborted) throw error
      log.error({ err: error }, 'query failed')
      throw new Problem('dependency-failed', 'The database did not answer. Try again.')
    }
  }

  return new Elysia({ name: 'orders' })
    .get(
      '/orders/:id',
      async ({ params: { id }, request }) => {
        const order = await query(request, 'SELECT id, item, quantity FROM orders WHERE id = $1', [id])
        if (order === undefined) throw new Problem('not-found', `There is no order ${id}.`)
        return order
      },
      { params: Id, response: { 200: Order, 404: PROBLEM_SCHEMA, 503: PROBLEM_SCHEMA }, detail: { tags: ['orders'] } },
    )
    .put(
      '/orders/:id',
      async ({ params: { id }, body: { item, quantity }, request }) => {
        if (quantity > STOCK) {
          count('refused')
          throw new Problem('refused', `The shop sells at most ${STOCK} pieces at once.`)
        }
        const order = await query(request, PLACE, [id, item, quantity]).catch(error => {
          if (!request.signal.aborted) count('failed')
          throw error
        })
        count('accepted')
        return order as Order
      },
      {
        params: Id,
        body: Content,
        response: { 200: Order, 409: PROBLEM_SCHEMA, 503: PROBLEM_SCHEMA },
        detail: { tags: ['orders'] },
      },
    )
}

export const PLACE = `INSERT INTO orders (id, item, quantity) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET item = excluded.item, quantity = excluded.quantity RETURNING id, item, quantity`

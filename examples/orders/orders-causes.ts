import { join } from 'node:path'
import { repeat, repeated, request, type StackCause } from '../../drills/alerts/causes/cause-helpers.ts'
import { readLocalSettings } from '../../platforms/local/local-settings.ts'
import { lockWrites } from '../../src/database/connection.ts'
import { SAMPLE, SERVICE_CONFIG } from './service.config.ts'

const file = () => join(readLocalSettings(process.env).folder, 'orders.sqlite')

const place = (api: string) =>
  fetch(`${api}/orders/${crypto.randomUUID()}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ item: SAMPLE.item, quantity: SAMPLE.quantity }),
  })

/** What makes the alerts of orders fire on the local platform. */
export const OWN_CAUSES: readonly StackCause[] = [
  {
    alert: 'DatabasePoolExhausted',
    how: 'sixteen clients read orders without a pause, and two replicas have two connections each',
    inflict: repeated(16, 100, async ({ platform }) => request(`${await platform.api()}${SERVICE_CONFIG.probe.path}`)),
  },
  {
    alert: 'OrdersFailing',
    how: "another program holds the database's lock for writing, while three clients place orders",
    async inflict({ platform }) {
      const api = await platform.api()
      const lock = await lockWrites(process.env.DATABASE_URL || file(), 'orders')
      const customers = repeat(3, 2, () => place(api))
      customers.start()
      return async () => {
        await customers.stop()
        await lock[Symbol.asyncDispose]()
      }
    },
    // An order holds a connection until it fails, and other requests wait.
    also: ['DatabasePoolExhausted', 'HighErrorRatio', 'HighLatency', 'ServiceUnresponsive'],
  },
]

import { join } from 'node:path'
import { repeat, repeated, type StackCause, sendLoad } from '../../drills/alerts/causes/cause-helpers.ts'
import { readLocalSettings } from '../../platforms/local/local-settings.ts'
import { lockWrites } from '../../src/database/connection.ts'
import { place, READ } from './service.config.ts'

const file = () => join(readLocalSettings(process.env).folder, 'orders.sqlite')

/** What makes the alerts of orders fire on the local platform. */
export const OWN_CAUSES: readonly StackCause[] = [
  {
    alert: 'DatabasePoolExhausted',
    how: 'sixteen clients read orders without a pause, and two replicas have two connections each',
    inflict: repeated(16, 100, context => sendLoad(context, READ)),
  },
  {
    alert: 'OrdersFailing',
    how: "another program holds the database's lock for writing, while three clients place orders",
    async inflict(context) {
      const lock = await lockWrites(process.env.DATABASE_URL || file(), 'orders')
      const customers = repeat(3, 2, () => sendLoad(context, place(crypto.randomUUID())))
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

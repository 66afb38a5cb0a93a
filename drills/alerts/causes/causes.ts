import type { Cause } from '../proof.ts'
import { repeat, type Scene } from './scene.ts'

/** A cause that a scene is needed for. */
export type Staged = Omit<Cause, 'inflict'> & { inflict(scene: Scene): Promise<() => Promise<void>> }

/** Something that so many clients do, so often each, beside the users, until it is ended. */
export const often =
  (clients: number, perSecond: number, work: (scene: Scene) => Promise<unknown>) => async (scene: Scene) => {
    const all = Array.from({ length: clients }, () => repeat(perSecond, () => work(scene)))
    for (const client of all) client.start()
    return async () => {
      await Promise.all(all.map(client => client.stop()))
    }
  }

/** What can be asked of the service itself, wherever it runs. Two replicas run. */
export const SERVICE_CAUSES: readonly Staged[] = [
  {
    alert: 'HighLatency',
    how: 'a third of the requests wait for 400 ms (/faults/delay/400)',
    inflict: often(3, 2, scene => scene.fault('delay/400')),
  },
  {
    alert: 'HighErrorRatio',
    how: 'a fifth of the requests fail (/faults/status/503)',
    inflict: often(1, 3, scene => scene.fault('status/503')),
  },
  {
    alert: 'Exceptions',
    how: 'one unexpected exception (/faults/exception)',
    async inflict(scene) {
      await scene.fault('exception')
      return async () => {}
    },
  },
  {
    alert: 'EventLoopSaturated',
    how: 'an event loop is blocked for 150 ms, three times a second (/faults/block/150)',
    inflict: often(1, 3, scene => scene.fault('block/150')),
    also: ['HighLatency', 'CPUThrottled'], // where a CPU limit makes half a second of it
  },
  {
    alert: 'NoTraffic',
    how: 'the users go away, and the probe goes on asking',
    async inflict({ users }) {
      await users.stop()
      return async () => users.start()
    },
    delivered: 60, // nobody is only seen after a whole window
  },
]

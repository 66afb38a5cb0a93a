import type { Cause } from './proof.ts'
import { repeat, type Scene, spin } from './scene.ts'

/** A cause that a scene is needed for. */
type Staged = Omit<Cause, 'inflict'> & { inflict(scene: Scene): Promise<() => Promise<void>> }

/** Rules that no Prometheus can evaluate: every series of one side matches all of the other. */
const BROKEN = { groups: [{ name: 'broken', rules: [{ record: 'broken', expr: 'up * on () up' }] }] }

/** A fault of the service that so many ask for, so often each, beside the users. */
const asked = (path: string, perSecond: number, clients: number) => async (scene: Scene) => {
  const all = Array.from({ length: clients }, () => repeat(perSecond, () => scene.fault(path)))
  for (const client of all) client.start()
  return async () => {
    await Promise.all(all.map(client => client.stop()))
  }
}

const paused = (part: string) => async (scene: Scene) => {
  await scene.parts.pause(part)
  return () => scene.parts.resume(part)
}

/** What is brought about on one machine without harm, where two replicas run; Watchdog's own proof is its silence. */
export const LOCAL_CAUSES: readonly Staged[] = [
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two replicas is stopped (SIGSTOP), so that it hangs',
    inflict: paused('replica-2'),
    also: ['EventLoopSaturated'], // when it goes on, all that waited was late
  },
  {
    alert: 'ServiceAbsent',
    how: 'the only replica is stopped (SIGSTOP), so that nothing answers',
    async inflict(scene) {
      await scene.scale(1)
      await scene.parts.pause('replica-1')
      return async () => {
        await scene.parts.resume('replica-1')
        await scene.scale(2)
      }
    },
    also: ['EventLoopSaturated'], // as above
  },
  {
    alert: 'HighLatency',
    how: 'a third of the requests wait for 400 ms (/faults/delay/400)',
    inflict: asked('delay/400', 2, 3),
  },
  {
    alert: 'HighErrorRatio',
    how: 'a fifth of the requests fail (/faults/status/503)',
    inflict: asked('status/503', 3, 1),
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
    inflict: asked('block/150', 3, 1),
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
  {
    alert: 'NodeCPUHigh',
    how: 'one process for each core that never rests, last in the line (nice 19)',
    inflict: async () => spin(1),
    delivered: 90, // most of a window must be busy, and then it must last
  },
  {
    alert: 'NodeLoadHigh',
    how: 'six processes for each core that never rest, last in the line (nice 19)',
    inflict: async () => spin(6),
    delivered: 120, // the load average of a minute climbs, and then it must last
    resolved: 120, // and falls as slowly
  },
  {
    alert: 'TargetDown',
    how: 'node_exporter is stopped (SIGSTOP), so that it hangs',
    inflict: paused('node_exporter'),
  },
  {
    alert: 'RuleFailures',
    how: 'a rule that cannot be evaluated is put beside the others',
    async inflict({ parts }) {
      await parts.addRules(JSON.stringify(BROKEN))
      return () => parts.addRules(undefined)
    },
  },
  {
    alert: 'NotificationsFailing',
    how: 'the receiver refuses what Alertmanager sends, until the alert fires',
    inflict: scene => scene.refuse(),
    endsAtFiring: true,
    delivered: 90, // Alertmanager tries again for a while before it gives up, and again when it is taken
  },
]

/** The alerts that are drilled on one machine; the others are replayed. */
export const DRILLED_LOCALLY: ReadonlySet<string> = new Set(['Watchdog', ...LOCAL_CAUSES.map(({ alert }) => alert)])

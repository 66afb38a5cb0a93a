import type { Cause } from './proof.ts'
import { repeat, type Scene, spin } from './scene.ts'

/** Rules that no Prometheus can evaluate: every series of one side matches all of the other. */
const BROKEN_RULES = JSON.stringify({
  groups: [{ name: 'broken', rules: [{ record: 'broken', expr: 'up * on () up' }] }],
})

/** A fault of the service that is asked for so often, beside the users. */
const often = (scene: Scene, perSecond: number, path: string) => async () => {
  const asked = repeat(perSecond, () => scene.fault(path))
  asked.start()
  return () => asked.stop()
}

const paused = (scene: Scene, part: string) => async () => {
  await scene.parts.pause(part)
  return () => scene.parts.resume(part)
}

/** The causes that can be brought about on one machine without harm, each with its alert. Two replicas run. */
export const localCauses = (scene: Scene): Cause[] => [
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two replicas is stopped (SIGSTOP), so that it hangs',
    inflict: paused(scene, 'replica-2'),
    also: ['EventLoopSaturated'], // when it goes on, all that waited was late
  },
  {
    alert: 'ServiceAbsent',
    how: 'the only replica is stopped (SIGSTOP), so that nothing answers',
    async inflict() {
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
    inflict: async () => {
      const end = await Promise.all(Array.from({ length: 3 }, often(scene, 2, 'delay/400')))
      return async () => void (await Promise.all(end.map(stop => stop())))
    },
  },
  {
    alert: 'HighErrorRatio',
    how: 'a quarter of the requests fail (/faults/status/503)',
    inflict: often(scene, 3, 'status/503'),
  },
  {
    alert: 'Exceptions',
    how: 'one unexpected exception (/faults/exception)',
    async inflict() {
      await scene.fault('exception')
      return async () => {}
    },
  },
  {
    alert: 'EventLoopSaturated',
    how: 'the event loops are blocked for 150 ms, again and again (/faults/block/150)',
    inflict: often(scene, 3, 'block/150'),
  },
  {
    alert: 'NoTraffic',
    how: 'the users go away, and the probe goes on asking',
    async inflict() {
      await scene.users.stop()
      return async () => scene.users.start()
    },
    delivered: 60, // nobody is only seen after a whole window
  },
  {
    alert: 'NodeCPUHigh',
    how: 'one process for each core, that never rests, last in the line (nice 19)',
    inflict: async () => spin(1),
    delivered: 90, // most of a window must be busy, and then it must last
  },
  {
    alert: 'NodeLoadHigh',
    how: 'six processes for each core, that never rest, last in the line (nice 19)',
    inflict: async () => spin(6),
    delivered: 120, // the load average of a minute climbs, and then it must last
    resolved: 120, // and falls as slowly
  },
  {
    alert: 'TargetDown',
    how: 'node_exporter is stopped (SIGSTOP), so that it hangs',
    inflict: paused(scene, 'node_exporter'),
  },
  {
    alert: 'RuleFailures',
    how: 'a rule that cannot be evaluated is put beside the others',
    async inflict() {
      await scene.parts.addRules(BROKEN_RULES)
      return () => scene.parts.addRules(undefined)
    },
  },
  {
    alert: 'NotificationsFailing',
    how: 'the receiver refuses what Alertmanager sends, until the alert fires',
    inflict: () => scene.refuse(),
    endsAtFiring: true,
    delivered: 90, // Alertmanager tries again for a while before it gives up, and again when it is taken
  },
]

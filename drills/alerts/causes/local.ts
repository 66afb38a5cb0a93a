import { SERVICE_CAUSES, type Staged } from './causes.ts'
import { type Scene, spin } from './scene.ts'

/** Rules that no Prometheus can evaluate: every series of one side matches all of the other. */
const BROKEN = { groups: [{ name: 'broken', rules: [{ record: 'broken', expr: 'up * on () up' }] }] }

const paused = (part: string) => async (scene: Scene) => {
  await scene.parts.pause(part)
  return () => scene.parts.resume(part)
}

/** What is brought about on one machine without harm, where two replicas run; Watchdog's own proof is its silence. */
export const LOCAL_CAUSES: readonly Staged[] = [
  ...SERVICE_CAUSES,
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two replicas is stopped (SIGSTOP), so that it hangs',
    inflict: paused('replica-2'),
    also: ['EventLoopSaturated', 'HighLatency'], // when it goes on, all that waited is late
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
    // as above; and that nothing answers may be seen, and told, before it is known that none is left to
    also: ['EventLoopSaturated', 'HighLatency', 'ServiceUnresponsive'],
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

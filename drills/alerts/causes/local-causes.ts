import { JOBS } from '../../../monitoring/targets.ts'
import { lasting, type StackCause, spin } from './cause-helpers.ts'
import { SERVICE_CAUSES } from './service-causes.ts'

/** A rule whose evaluation fails: every series of one side matches all series of the other side. */
const BROKEN_RULES = { groups: [{ name: 'broken', rules: [{ record: 'broken', expr: 'up * on () up' }] }] }

const paused = (part: string) =>
  lasting(
    ({ parts }) => parts.pause(part),
    ({ parts }) => parts.resume(part),
  )

/** Alerts of the service that may fire while other processes use the CPU: the replicas wait for the CPU, too. */
const WITHOUT_CPU = ['EventLoopSaturated', 'HighLatency']

/** Causes on one machine. Two replicas run. */
export const LOCAL_CAUSES: readonly StackCause[] = [
  ...SERVICE_CAUSES,
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two replicas is paused (SIGSTOP)',
    inflict: paused('replica-2'),
    also: ['EventLoopSaturated', 'HighLatency'], // the requests that waited are late when the replica resumes
  },
  {
    alert: 'ServiceAbsent',
    how: 'the only replica is paused (SIGSTOP)',
    async inflict({ scale, parts }) {
      await scale(1)
      await parts.pause('replica-1')
      return async () => {
        await parts.resume('replica-1')
        await scale(2)
      }
    },
    // As above; and ServiceUnresponsive may fire before ServiceAbsent does.
    also: ['EventLoopSaturated', 'HighLatency', 'ServiceUnresponsive'],
  },
  {
    alert: 'NodeCPUHigh',
    how: 'one busy process for each core, with the lowest priority (nice 19)',
    inflict: async () => spin(1),
    also: WITHOUT_CPU,
    delivered: 90, // most of the window must be busy, for the duration of the rule
  },
  {
    alert: 'NodeLoadHigh',
    how: 'six busy processes for each core, with the lowest priority (nice 19)',
    inflict: async () => spin(6),
    also: WITHOUT_CPU,
    delivered: 120, // the load average of one minute rises slowly
    resolved: 120, // and falls slowly
  },
  {
    alert: 'TargetDown',
    how: 'node_exporter is paused (SIGSTOP)',
    inflict: paused('node_exporter'),
  },
  {
    alert: 'TargetMissing',
    how: 'Prometheus loads a configuration in which the job of node_exporter has no target',
    inflict: ({ parts }) => parts.removeTargets(JOBS.node),
  },
  {
    alert: 'RuleFailures',
    how: 'Prometheus loads a rule whose evaluation fails',
    inflict: lasting(
      ({ parts }) => parts.addRules(JSON.stringify(BROKEN_RULES)),
      ({ parts }) => parts.addRules(undefined),
    ),
  },
  {
    alert: 'NotificationsFailing',
    how: 'the receiver of the notifications is paused (SIGSTOP) until the alert fires',
    inflict: paused('alert-receiver'),
    endsAtFiring: true,
    delivered: 90, // Alertmanager retries before it counts a failure, and retries when the receiver is back
  },
]

import { CLUSTER_JOBS } from '../../../monitoring/targets.ts'
import { lasting, repeated, type StackCause, sendLoad } from './cause-helpers.ts'
import { SERVICE_CAUSES } from './service-causes.ts'

/** A pod of two fails its readiness probe until the cause ends. */
const unready = (pod: number) =>
  lasting(
    ({ parts }) => parts.ask(pod, 'unready/600'),
    ({ parts }) => parts.ask(pod, 'unready/0'),
  )

/** Causes on a cluster. Two pods run. */
export const CLUSTER_CAUSES: readonly StackCause[] = [
  ...SERVICE_CAUSES,
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two pods hangs: its event loop is always blocked (/faults/block/10000)',
    inflict: repeated(2, 10, ({ parts }) => parts.ask(2, 'block/10000')), // while one request blocks, the other waits
    // The pod reaches its CPU limit, its requests are late, and its readiness probe fails.
    also: ['EventLoopSaturated', 'HighLatency', 'CPUThrottled', 'PodNotReady', 'ReplicasMissing'],
  },
  {
    alert: 'ServiceAbsent',
    how: 'the Deployment is scaled to 0',
    inflict: lasting(
      ({ platform }) => platform.scale(0),
      ({ platform }) => platform.scale(2),
    ),
    also: ['ServiceUnresponsive'], // the probe fails at once, before the targets of the pods are gone
  },
  {
    alert: 'PodCrashLooping',
    how: 'one of two pods crashes each time it starts (/faults/crash)',
    inflict: repeated(1, 1, ({ parts }) => parts.ask(2, 'crash')),
    // A crashed pod cannot be scraped, and is not ready until it runs again; PodNotReady may fire first.
    also: ['ServiceUnresponsive', 'PodNotReady', 'ReplicasMissing'],
    delivered: 90, // Kubernetes restarts the container at once the first time
    resolved: 180, // and then waits longer after each crash
  },
  {
    alert: 'PodNotReady',
    how: 'one of two pods fails its readiness probe (/faults/unready/600)',
    inflict: unready(2),
    also: ['ReplicasMissing'], // the Deployment counts the pod as unavailable
    delivered: 60, // the readiness probe must fail three times
  },
  {
    alert: 'ReplicasMissing',
    how: 'one of two pods of the Deployment fails its readiness probe (/faults/unready/600)',
    inflict: unready(1),
    also: ['PodNotReady'],
    delivered: 60, // the readiness probe must fail three times
  },
  {
    alert: 'CPUThrottled',
    how: 'six clients request calculations without a pause, which exceeds the CPU limits of two pods',
    inflict: repeated(6, 50, context => sendLoad(context)),
    also: ['HighLatency'], // calculations wait in the queue
    delivered: 90, // cAdvisor samples every 10 to 20 s, and a quarter of the window must be throttled
  },
  {
    alert: 'ContainerOOMKilled',
    how: 'one of two pods allocates more memory than its limit (/faults/memory/256)',
    inflict: lasting(({ parts }) => parts.ask(2, 'memory/256')),
    also: ['PodCrashLooping', 'PodNotReady', 'ReplicasMissing', 'ServiceUnresponsive'], // when the pod crashed before
    delivered: 60, // kube-state-metrics reports the reason after the restart
  },
  {
    alert: 'TargetMissing',
    how: 'the Deployment of kube-state-metrics is scaled to 0',
    inflict: ({ parts }) => parts.removeTargets(CLUSTER_JOBS.kubeState),
    also: ['TargetDown'], // Prometheus may scrape the pod once more while the pod ends
  },
  {
    alert: 'AutoscalerAtLimit',
    how: 'an autoscaler with a maximum of two pods, while two pods run',
    inflict: lasting(
      ({ platform }) => platform.autoscale(2),
      ({ platform }) => platform.autoscale(undefined),
    ),
    delivered: 60, // the autoscaler syncs every 15 s
  },
]

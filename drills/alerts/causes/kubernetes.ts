import { INPUTS } from '../../../loadtest/inputs.ts'
import { often, SERVICE_CAUSES, type Staged } from './causes.ts'
import { ask } from './scene.ts'

const HEAVY = `/factors/${INPUTS.heavy[0]}`

/** What is brought about on a cluster without harm, where two pods run; Watchdog's own proof is its silence. */
export const CLUSTER_CAUSES: readonly Staged[] = [
  ...SERVICE_CAUSES,
  {
    alert: 'ServiceUnresponsive',
    how: 'one of two pods blocks its event loop without a pause (/faults/block/10000), so that it hangs',
    inflict: often(2, 10, ({ platform }) => platform.parts.ask(2, 'block/10000')), // one blocks, the other is next
    // it burns its CPU limit, its users wait, and in the end it is taken out of the Service
    also: ['EventLoopSaturated', 'HighLatency', 'CPUThrottled', 'PodNotReady', 'ReplicasMissing'],
  },
  {
    alert: 'ServiceAbsent',
    how: 'the Deployment is scaled to 0',
    async inflict({ platform }) {
      await platform.scale(0)
      return () => platform.scale(2)
    },
    also: ['ServiceUnresponsive'], // the probe fails at once, and Prometheus still knows the pods that go
  },
  {
    alert: 'PodCrashLooping',
    how: 'one of two pods crashes whenever it runs (/faults/crash)',
    inflict: often(1, 1, ({ platform }) => platform.parts.ask(2, 'crash')),
    also: ['ServiceUnresponsive'], // what does not run cannot be scraped
    delivered: 90, // Kubernetes starts it again at once the first time
    resolved: 180, // and waits for longer and longer
  },
  {
    alert: 'PodNotReady',
    how: 'one of two pods says that it is not ready (/faults/unready/600)',
    async inflict({ platform }) {
      await platform.parts.ask(2, 'unready/600')
      return () => platform.parts.ask(2, 'unready/0')
    },
    also: ['ReplicasMissing'], // the same, seen from the Deployment
    delivered: 60, // its probe must fail three times first
  },
  {
    alert: 'ReplicasMissing',
    how: 'the same, seen from the Deployment',
    async inflict({ platform }) {
      await platform.parts.ask(1, 'unready/600')
      return () => platform.parts.ask(1, 'unready/0')
    },
    also: ['PodNotReady'],
    delivered: 60, // as above
  },
  {
    alert: 'CPUThrottled',
    how: 'six clients ask for calculations without a pause, more than two pods may take of a CPU',
    inflict: often(6, 50, async ({ platform }) => ask(`${await platform.api()}${HEAVY}`)),
    also: ['HighLatency'], // it may be that
    delivered: 90, // cAdvisor looks every 10 to 20 s, and a quarter of a window must be so
  },
  {
    alert: 'ContainerOOMKilled',
    how: 'one of two pods takes more memory than its limit (/faults/memory/256)',
    async inflict({ platform }) {
      await platform.parts.ask(2, 'memory/256')
      return async () => {}
    },
    also: ['PodCrashLooping', 'PodNotReady', 'ReplicasMissing', 'ServiceUnresponsive'], // where it crashed before
    delivered: 60, // kube-state-metrics knows of it when it is started again
  },
  {
    alert: 'AutoscalerAtLimit',
    how: 'an autoscaler that may have two pods, where two run',
    async inflict({ platform }) {
      await platform.autoscale(2)
      return () => platform.autoscale(undefined)
    },
    delivered: 60, // it acts every 15 s
  },
]

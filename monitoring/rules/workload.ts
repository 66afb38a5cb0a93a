import { BOUNDS } from '../objectives.ts'
import type { Profile } from '../profiles.ts'
import { type Alert, select } from '../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, NAMESPACES, OPERATOR_JOBS } from '../targets.ts'

const namespace = `=~${NAMESPACES.join('|')}`

/** Of what kube-state-metrics says. */
const told = (metric: string, labels = {}) => select(metric, { job: CLUSTER_JOBS.kubeState, namespace, ...labels })

/** The same of what is matched with it, whose namespace it is anyway. */
const joined = (metric: string, labels = {}) => select(metric, { job: CLUSTER_JOBS.kubeState, ...labels })

/** Of what cAdvisor says of containers; without the name of one it is the sum of a pod. */
const used = (metric: string) => select(metric, { job: OPERATOR_JOBS.cadvisor, namespace, container: '!=' })

/** What is wrong with pods, Deployments and autoscalers; nothing where there is no cluster. */
export function workloadAlerts({ window, for: duration }: Profile): Alert[] {
  const m = CLUSTER_METRICS
  const container = 'namespace, pod, container'
  const increase = (selector: string) => `sum by (${container}) (increase(${selector}[${window}]))`
  const byDeployment = (metric: string) => `sum by (namespace, deployment) (${told(metric)})`
  const byAutoscaler = (metric: string) => `sum by (namespace, horizontalpodautoscaler) (${told(metric)})`

  return [
    {
      name: 'PodCrashLooping',
      severity: 'critical',
      area: 'workload',
      // it waits for longer and longer between two starts, and runs in between: once in the window is enough
      expr: `max by (${container}) (max_over_time(${told(m.containerWaitingReason, { reason: 'CrashLoopBackOff' })}[${window}])) == 1`,
      for: duration.outage,
      summary: 'A container crashes again and again.',
      description:
        '{{ $labels.namespace }}/{{ $labels.pod }}: its container {{ $labels.container }} ends soon after each start, and is started less and less often (CrashLoopBackOff). What this pod should do is not done.',
      inhibits: { alerts: ['PodNotReady', 'ReplicasMissing'], equal: ['namespace'] },
    },
    {
      name: 'PodNotReady',
      severity: 'warning',
      area: 'workload',
      // a Job's pod that has done its work is not ready either, nor one that was told to go
      expr: [
        `min by (namespace, pod) (${told(m.podReady, { condition: 'true' })}) == 0`,
        `on (namespace, pod) (${joined(m.podPhase, { phase: 'Succeeded' })} == 1)`,
        `on (namespace, pod) ${joined(m.podDeletion)}`,
      ].join(' unless '),
      for: duration.workload,
      summary: 'A pod is not ready.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }} has not been ready for ${duration.workload}: it gets no requests, and the others get more.`,
    },
    {
      name: 'ReplicasMissing',
      severity: 'warning',
      area: 'workload',
      expr: `${byDeployment(m.deploymentReplicas)} - ${byDeployment(m.deploymentReplicasReady)} > 0`,
      for: duration.workload,
      summary: 'A Deployment has fewer pods that are ready than it should.',
      description: `{{ $labels.namespace }}/{{ $labels.deployment }}: {{ $value }} of its replicas are not ready, for ${duration.workload}; there should be none. The others carry their load.`,
    },
    {
      name: 'CPUThrottled',
      severity: 'warning',
      area: 'workload',
      expr: `${increase(used(m.containerCPUThrottledPeriods))} / ${increase(used(m.containerCPUPeriods))} > ${BOUNDS.throttled}`,
      for: duration.workload,
      summary: 'A container waits for its CPU limit.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }}: in {{ $value | humanizePercentage }} of the periods of the last ${window}, {{ $labels.container }} used up its CPU limit and stood still; the bound is ${BOUNDS.throttled * 100}%. What it does takes longer than it must.`,
    },
    {
      name: 'ContainerOOMKilled',
      severity: 'warning',
      area: 'workload',
      expr: `${increase(told(m.containerRestarts))} > 0 and on (${container}) ${joined(m.containerLastTerminatedReason, { reason: 'OOMKilled' })} == 1`,
      summary: 'A container was killed for want of memory.',
      description:
        '{{ $labels.namespace }}/{{ $labels.pod }}: {{ $labels.container }} used more than its memory limit, and the kernel killed it. What it was doing is lost.',
    },
    {
      name: 'AutoscalerAtLimit',
      severity: 'warning',
      area: 'workload',
      expr: `${byAutoscaler(m.autoscalerReplicas)} >= ${byAutoscaler(m.autoscalerMaxReplicas)}`,
      for: duration.workload,
      summary: 'An autoscaler may add no more pods.',
      description: `{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has had {{ $value }} replicas, the most that it may, for ${duration.workload}. More load than now will not be met by more pods.`,
    },
  ]
}

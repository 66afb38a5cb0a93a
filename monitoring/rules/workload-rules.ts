import { BOUNDS } from '../objectives.ts'
import type { Duration, Profile } from '../profiles.ts'
import { type GroupAlert, select } from '../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, NAMESPACES, OPERATOR_JOBS } from '../targets.ts'

const namespace = `=~${NAMESPACES.join('|')}`
const job = CLUSTER_JOBS.kubeState

/** Selector of a metric of kube-state-metrics. */
const kubeState = (metric: string, labels = {}) => select(metric, { job, namespace, ...labels })

/** Selector for the right-hand side of a join; the join fixes the namespace. */
const joined = (metric: string, labels = {}) => select(metric, { job, ...labels })

/** Selector of a metric of cAdvisor for containers. A series without a container's name is the sum of a pod. */
const cadvisor = (metric: string) => select(metric, { job: OPERATOR_JOBS.cadvisor, namespace, container: '!=' })

const m = CLUSTER_METRICS
const CONTAINER = 'namespace, pod, container'
const increase = (selector: string, window: Duration) => `sum by (${CONTAINER}) (increase(${selector}[${window}]))`

/** Alerts on pods that crash or are not ready. */
function podAlerts({ window, for: duration }: Profile): GroupAlert[] {
  // `max`, not `sum`: while kube-state-metrics is replaced, two of its pods export the same series.
  const unready = (by: string, desired: string, ready: string) =>
    `max by (namespace, ${by}) (${kubeState(desired)}) - max by (namespace, ${by}) (${kubeState(ready)}) > 0`
  const pod = (aggregation: string, selector: string) => `${aggregation} by (namespace, pod) (${selector})`
  return [
    {
      name: 'PodCrashLooping',
      severity: 'critical',
      // Between two waits the container runs for a moment, so all waits of the window are read. One sample is a single
      // wait, and a pod that has been ready for a minute has recovered.
      expr:
        `max by (${CONTAINER}) (sum_over_time(${kubeState(m.containerWaitingReason, { reason: 'CrashLoopBackOff' })}[${window}])) >= 2 ` +
        `unless on (namespace, pod) ${pod('min', `min_over_time(${joined(m.podReady, { condition: 'true' })}[1m])`)} == 1`,
      for: duration.outage,
      summary: 'A container crashes again and again.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }}: the container {{ $labels.container }} has been in CrashLoopBackOff for at least ${duration.outage}: it ends soon after each start, and Kubernetes waits longer before each restart. The pod does not do its work. First step: read the log of the crashed container.`,
      inhibits: [{ alerts: ['PodNotReady'], equal: ['namespace', 'pod'] }],
    },
    {
      name: 'PodNotReady',
      severity: 'warning',
      // A pod that no node can take has no condition Ready. A pod that has finished or failed, and a pod that is being
      // deleted, is not ready by intention.
      expr: [
        `(${pod('min', kubeState(m.podReady, { condition: 'true' }))} == 0 or ${pod('max', kubeState(m.podPhase, { phase: 'Pending' }))} == 1)`,
        `on (namespace, pod) (${joined(m.podPhase, { phase: '=~Succeeded|Failed' })} == 1)`,
        `on (namespace, pod) ${joined(m.podDeletion)}`,
      ].join(' unless '),
      for: duration.workload,
      summary: 'A pod is not ready.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }} has not been ready for at least ${duration.workload}. The pod gets no requests, and the other replicas carry its load. First step: read the events of the pod.`,
    },
    {
      name: 'ReplicasMissing',
      severity: 'warning',
      expr: [
        unready('deployment', m.deploymentReplicas, m.deploymentReplicasReady),
        unready('statefulset', m.statefulSetReplicas, m.statefulSetReplicasReady),
        unready('daemonset', m.daemonSetPods, m.daemonSetPodsReady),
      ].join(' or '),
      for: duration.workload,
      summary: 'A Deployment, StatefulSet or DaemonSet has too few ready pods.',
      description: `{{ $labels.namespace }}/{{ or $labels.deployment $labels.statefulset $labels.daemonset }}: {{ $value }} pods are not ready; the count has been above the bound of 0 for at least ${duration.workload}. The ready pods carry the whole load. First step: check whether the missing pods exist, and why they are not ready.`,
    },
  ]
}

/** Alerts on limits that containers and autoscalers reach. */
function limitAlerts({ window, for: duration }: Profile): GroupAlert[] {
  const byAutoscaler = (metric: string) => `max by (namespace, horizontalpodautoscaler) (${kubeState(metric)})`
  return [
    {
      name: 'CPUThrottled',
      severity: 'warning',
      expr: `${increase(cadvisor(m.containerCPUThrottledPeriods), window)} / ${increase(cadvisor(m.containerCPUPeriods), window)} > ${BOUNDS.throttled}`,
      for: duration.workload,
      summary: 'A container is throttled at its CPU limit.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }}: the container {{ $labels.container }} was throttled in {{ $value | humanizePercentage }} of its CPU periods over the last ${window}; the ratio has been above the bound of ${BOUNDS.throttled * 100}% for at least ${duration.workload}. Requests to this pod take longer. First step: compare the CPU usage of the container with its limit.`,
    },
    {
      name: 'ContainerOOMKilled',
      severity: 'warning',
      expr: `${increase(kubeState(m.containerRestarts), window)} > 0 and on (${CONTAINER}) ${joined(m.containerLastTerminatedReason, { reason: 'OOMKilled' })} == 1`,
      summary: 'A container was killed because it exceeded its memory limit.',
      description: `{{ $labels.namespace }}/{{ $labels.pod }}: the container {{ $labels.container }} was restarted in the last ${window}, after the kernel had killed it for using more memory than its limit. Its requests in flight are lost. First step: check how its memory usage grew before the kill.`,
    },
    {
      name: 'AutoscalerAtLimit',
      severity: 'warning',
      // Where the minimum is the maximum, somebody has fixed the number.
      expr: `${byAutoscaler(m.autoscalerReplicas)} >= ${byAutoscaler(m.autoscalerMaxReplicas)} unless ${byAutoscaler(m.autoscalerMinReplicas)} == ${byAutoscaler(m.autoscalerMaxReplicas)}`,
      for: duration.workload,
      summary: 'An autoscaler has reached its maximum number of replicas.',
      description: `{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has had {{ $value }} replicas, its maximum, for at least ${duration.workload}. It cannot add replicas when the load grows, and the service may become slow. First step: check whether this load is expected.`,
    },
  ]
}

/** Alerts on pods, Deployments and autoscalers. Without a cluster their metrics do not exist, and no alert fires. */
export const workloadAlerts = (profile: Profile): GroupAlert[] => [...podAlerts(profile), ...limitAlerts(profile)]

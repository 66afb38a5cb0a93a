import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS } from '../targets.ts'
import type { BoundCase, Incident, Silence } from './incidents.ts'
import {
  counter,
  gauge,
  type InputSeries,
  incident,
  type Labels,
  lasting,
  STALE,
  type Stretches,
  sequence,
  steady,
} from './input-series.ts'

const WARNING = { severity: 'warning', area: 'workload' }
const CRITICAL = { severity: 'critical', area: 'workload' }
const OBJECT = { namespace: 'tipping-point' }
const POD = { ...OBJECT, pod: 'tipping-point-1' }
const CONTAINER = { ...POD, container: 'tipping-point' }
const DEPLOYMENT = { ...OBJECT, deployment: 'tipping-point' }
const AUTOSCALER = { ...OBJECT, horizontalpodautoscaler: 'tipping-point' }

/** A gauge of kube-state-metrics. */
const kubeState = (metric: string, labels: Labels, values: Stretches) =>
  gauge(metric, { job: CLUSTER_JOBS.kubeState, ...labels }, values)

/** Series of a container that waits for its next start. The series exists only while the container waits. */
const backingOff = (values: Stretches) =>
  kubeState(CLUSTER_METRICS.containerWaitingReason, { ...CONTAINER, reason: 'CrashLoopBackOff' }, values)

const ready = (values: Stretches) => kubeState(CLUSTER_METRICS.podReady, { ...POD, condition: 'true' }, values)

/** Unix time of a deletion. */
const DELETED = steady(1_700_000_000)

/** Series that would suppress PodNotReady of another pod: each pod differs in one label from that of the incident. */
const suppressingOthers: InputSeries[] = [
  { ...POD, pod: 'another' },
  { ...POD, namespace: 'monitoring' },
].flatMap(pod => [
  kubeState(CLUSTER_METRICS.podPhase, { ...pod, phase: 'Succeeded' }, steady(1)),
  kubeState(CLUSTER_METRICS.podDeletion, pod, DELETED),
])

/** Series of the pod of the incident that must not suppress PodNotReady: another phase, or another job. */
const notSuppressing: InputSeries[] = [
  kubeState(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Running' }, steady(1)),
  gauge(CLUSTER_METRICS.podPhase, { job: 'other', ...POD, phase: 'Succeeded' }, steady(1)),
  gauge(CLUSTER_METRICS.podDeletion, { job: 'other', ...POD }, steady(1)),
]

const replicas = (desired: number, readyReplicas: Stretches): InputSeries[] => [
  kubeState(CLUSTER_METRICS.deploymentReplicas, DEPLOYMENT, steady(desired)),
  kubeState(CLUSTER_METRICS.deploymentReplicasReady, DEPLOYMENT, readyReplicas),
]

/** A container with 100 CPU periods at each scrape, of which some are throttled. */
const throttled = (periods: Stretches, job: string = CLUSTER_JOBS.cadvisor): InputSeries[] => [
  counter(CLUSTER_METRICS.containerCPUPeriods, { job, ...CONTAINER }, steady(100)),
  counter(CLUSTER_METRICS.containerCPUThrottledPeriods, { job, ...CONTAINER }, periods),
]

/** A container that is restarted once, after it was terminated for a reason. */
const restarted = (reason: string): InputSeries[] => [
  counter(CLUSTER_METRICS.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...CONTAINER }, incident(0, 1, 1)),
  kubeState(CLUSTER_METRICS.containerLastTerminatedReason, { ...CONTAINER, reason }, lasting(STALE, 1)),
]

/**
 * Containers that restarted or were OOM-killed, but never both according to kube-state-metrics in a monitored
 * namespace.
 */
const NOT_OOM_KILLED: readonly { restarted: Labels; killed?: Labels }[] = [
  { restarted: { ...CONTAINER, pod: 'restarted' }, killed: { ...CONTAINER, pod: 'killed-long-ago' } },
  { restarted: { ...CONTAINER, container: 'sidecar' } }, // the incident kills CONTAINER
  { restarted: { ...CONTAINER, namespace: 'monitoring' } },
  { restarted: { ...CONTAINER, pod: 'a' }, killed: { job: 'other', ...CONTAINER, pod: 'a' } },
  { restarted: { job: 'other', ...CONTAINER, pod: 'b' }, killed: { ...CONTAINER, pod: 'b' } },
  { restarted: { ...CONTAINER, namespace: 'other' }, killed: { ...CONTAINER, namespace: 'other' } },
]
const notOOMKilled = NOT_OOM_KILLED.flatMap(({ restarted, killed }) => [
  counter(CLUSTER_METRICS.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...restarted }, steady(1)),
  ...(killed
    ? [kubeState(CLUSTER_METRICS.containerLastTerminatedReason, { ...killed, reason: 'OOMKilled' }, steady(1))]
    : []),
])

/** An autoscaler with a maximum of 3 replicas. */
const autoscaled = (current: Stretches): InputSeries[] => [
  kubeState(CLUSTER_METRICS.autoscalerReplicas, AUTOSCALER, current),
  kubeState(CLUSTER_METRICS.autoscalerMaxReplicas, AUTOSCALER, steady(3)),
]

function crashing({ for: duration }: Profile): Incident[] {
  const common = {
    alert: 'PodCrashLooping',
    labels: { ...CONTAINER, ...CRITICAL },
    description: `tipping-point/tipping-point-1: the container tipping-point has been in CrashLoopBackOff for at least ${duration.outage}: it ends soon after each start, and Kubernetes waits longer before each restart. The pod does not do its work. First step: read the log of the crashed container.`,
  }
  return [
    {
      ...common,
      name: 'a container waits for its next start',
      input: [backingOff(incident(STALE, 1))],
      firing: { production: [34, 89], drill: [32, 75] },
    },
    {
      ...common,
      name: 'a container runs for a moment now and then',
      input: [
        backingOff([
          ...sequence([STALE, 30]),
          ...Array.from({ length: 10 }, () => sequence([1, 2], [STALE, 2])).flat(),
          ...sequence([STALE, 130]),
        ]),
      ],
      firing: { production: [34, 87], drill: [32, 73] },
    },
  ]
}

function throttling({ window, for: duration }: Profile): Incident[] {
  return [CLUSTER_JOBS.cadvisor, 'kubelet'].map(job => ({
    alert: 'CPUThrottled',
    name: `six periods in ten (${job})`,
    input: throttled(incident(0, 60, 110), job),
    labels: { ...CONTAINER, ...WARNING },
    // A quarter of the window's periods is throttled after 9 bad increases of 19, in a drill 3 of 5. Prometheus does
    // not extrapolate the first increases, because the counter began at 0.
    firing: { production: [78, 151], drill: [35, 142] },
    description: `tipping-point/tipping-point-1: the container tipping-point was throttled in 60% of its CPU periods over the last ${window}; the ratio has been above the bound of 25% for at least ${duration.workload}. Requests to this pod take longer. First step: compare the CPU usage of the container with its limit.`,
  }))
}

export function workloadIncidents(profile: Profile): Incident[] {
  const { window, for: duration } = profile
  const firing = { production: [70, 140], drill: [33, 140] } as const
  return [
    ...crashing(profile),
    {
      alert: 'PodNotReady',
      name: 'a pod is not ready',
      input: [ready(incident(1, 0, 110)), ...suppressingOthers, ...notSuppressing],
      labels: { ...POD, ...WARNING },
      firing,
      description: `tipping-point/tipping-point-1 has not been ready for at least ${duration.workload}. The pod gets no requests, and the other replicas carry its load. First step: read the events of the pod.`,
    },
    {
      alert: 'ReplicasMissing',
      name: 'two of three are not ready',
      input: replicas(3, incident(3, 1, 110)),
      labels: { ...DEPLOYMENT, ...WARNING },
      firing,
      description: `tipping-point/tipping-point: 2 replicas are not ready; the count has been above the bound of 0 for at least ${duration.workload}. The ready replicas carry the whole load. First step: check whether the missing pods exist, and why they are not ready.`,
    },
    ...throttling(profile),
    {
      alert: 'ContainerOOMKilled',
      name: 'once',
      input: [...restarted('OOMKilled'), ...notOOMKilled],
      labels: { ...CONTAINER, ...WARNING },
      firing: { production: [30, 49], drill: [30, 35] },
      description: `tipping-point/tipping-point-1: the container tipping-point was restarted in the last ${window}, after the kernel had killed it for using more memory than its limit. Its requests in flight are lost. First step: check how its memory usage grew before the kill.`,
    },
    {
      alert: 'AutoscalerAtLimit',
      name: 'three of three',
      input: autoscaled(incident(1, 3, 110)),
      labels: { ...AUTOSCALER, ...WARNING },
      firing,
      description: `tipping-point/tipping-point has had 3 replicas, its maximum, for at least ${duration.workload}. It cannot add replicas when the load grows, and the service may become slow. First step: check whether this load is expected.`,
    },
  ]
}

export const workloadBounds: readonly BoundCase[] = [
  { alert: 'CPUThrottled', inside: throttled(steady(24)), outside: throttled(steady(26)) },
  { alert: 'AutoscalerAtLimit', inside: autoscaled(steady(2)), outside: autoscaled(steady(3)) },
  { alert: 'ReplicasMissing', inside: replicas(3, steady(3)), outside: replicas(3, steady(2)) },
]

export const workloadSilences: readonly Silence[] = [
  {
    alert: 'PodNotReady',
    name: 'the pod of a finished Job',
    input: [ready(steady(0)), kubeState(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Succeeded' }, steady(1))],
  },
  {
    alert: 'PodNotReady',
    name: 'a pod that is being deleted',
    input: [ready(steady(0)), kubeState(CLUSTER_METRICS.podDeletion, POD, DELETED)],
  },
  { alert: 'ReplicasMissing', name: 'more than desired, while scaling down', input: replicas(1, steady(3)) },
  { alert: 'ContainerOOMKilled', name: 'a restart for another reason', input: restarted('Error') },
]

import { SERVICE_CONFIG } from '../../service.config.ts'
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
  withReplacedExporters,
} from './input-series.ts'

const WARNING = { severity: 'warning', area: 'workload' }
const CRITICAL = { severity: 'critical', area: 'workload' }
const { name } = SERVICE_CONFIG
const OBJECT = { namespace: name }
const POD = { ...OBJECT, pod: `${name}-1` }
const CONTAINER = { ...POD, container: name }
const DEPLOYMENT = { ...OBJECT, deployment: name }
const STATEFUL_SET = { namespace: 'monitoring', statefulset: 'prometheus-alertmanager' }
const DAEMON_SET = { namespace: 'monitoring', daemonset: 'prometheus-prometheus-node-exporter' }
const AUTOSCALER = { ...OBJECT, horizontalpodautoscaler: name }

/** A gauge of kube-state-metrics. */
const kubeState = (metric: string, labels: Labels, values: Stretches) =>
  gauge(metric, { job: CLUSTER_JOBS.kubeState, ...labels }, values)

/** Series of a container that waits for its next start. The series exists only while the container waits. */
const backingOff = (values: Stretches) =>
  kubeState(CLUSTER_METRICS.containerWaitingReason, { ...CONTAINER, reason: 'CrashLoopBackOff' }, values)

const ready = (values: Stretches) => kubeState(CLUSTER_METRICS.podReady, { ...POD, condition: 'true' }, values)

/** Series of other pods, or of another condition, that must not suppress PodCrashLooping of the pod of the incident. */
const readyOthers: InputSeries[] = [
  kubeState(CLUSTER_METRICS.podReady, { ...POD, pod: 'another', condition: 'true' }, steady(1)),
  kubeState(CLUSTER_METRICS.podReady, { ...POD, namespace: 'monitoring', condition: 'true' }, steady(1)),
]

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

/** Whether a pod waits for a node, for an image or for a volume. */
const pending = (values: Stretches) => kubeState(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Pending' }, values)

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
const statefulPods = (desired: number, readyPods: Stretches): InputSeries[] => [
  kubeState(CLUSTER_METRICS.statefulSetReplicas, STATEFUL_SET, steady(desired)),
  kubeState(CLUSTER_METRICS.statefulSetReplicasReady, STATEFUL_SET, readyPods),
]
const daemonPods = (desired: number, readyPods: Stretches): InputSeries[] => [
  kubeState(CLUSTER_METRICS.daemonSetPods, DAEMON_SET, steady(desired)),
  kubeState(CLUSTER_METRICS.daemonSetPodsReady, DAEMON_SET, readyPods),
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
const autoscaled = (current: Stretches, min = 1): InputSeries[] => [
  kubeState(CLUSTER_METRICS.autoscalerMinReplicas, AUTOSCALER, steady(min)),
  kubeState(CLUSTER_METRICS.autoscalerReplicas, AUTOSCALER, current),
  kubeState(CLUSTER_METRICS.autoscalerMaxReplicas, AUTOSCALER, steady(3)),
]

function crashing({ for: duration }: Profile): Incident[] {
  const common = {
    alert: 'PodCrashLooping',
    labels: { ...CONTAINER, ...CRITICAL },
    description: `${name}/${name}-1: the container ${name} has been in CrashLoopBackOff for at least ${duration.outage}: it ends soon after each start, and Kubernetes waits longer before each restart. The pod does not do its work. First step: read the log of the crashed container.`,
  }
  return [
    {
      // The second wait is in scrape 31; the window has two waits until scrape 87, in a drill until 73.
      ...common,
      name: 'a container waits for its next start, then the pod is deleted',
      input: [backingOff(incident(STALE, 1)), ...readyOthers],
      firing: { production: [35, 88], drill: [33, 74] },
    },
    {
      // The pod is ready from scrape 70 on, for a minute in scrape 73.
      ...common,
      name: 'a container waits for its next start, then the pod is ready',
      input: [backingOff(incident(STALE, 1)), ready(incident(1, 0)), ...readyOthers],
      firing: { production: [35, 73], drill: [33, 74] },
    },
    {
      // Waits in scrapes 30, 31, 34, 35, … 66, 67, and the pod is ready in between. From scrape 68 on it is always
      // ready, for a minute in scrape 71; in a drill a minute is 12 scrapes, and the window has two waits until scrape
      // 71.
      ...common,
      name: 'a container runs for a moment now and then; its pod is ready then',
      input: [
        backingOff([
          ...sequence([STALE, 30]),
          ...Array.from({ length: 10 }, () => sequence([1, 2], [STALE, 2])).flat(),
          ...sequence([STALE, 130]),
        ]),
        ready([
          ...sequence([1, 30]),
          ...Array.from({ length: 10 }, () => sequence([0, 2], [1, 2])).flat(),
          ...sequence([1, 130]),
        ]),
      ],
      firing: { production: [35, 71], drill: [33, 72] },
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
    description: `${name}/${name}-1: the container ${name} was throttled in 60% of its CPU periods over the last ${window}; the ratio has been above the bound of 25% for at least ${duration.workload}. Requests to this pod take longer. First step: compare the CPU usage of the container with its limit.`,
  }))
}

const firing = { production: [70, 140], drill: [33, 140] } as const

function unready({ for: duration }: Profile): Incident[] {
  const common = {
    alert: 'PodNotReady',
    labels: { ...POD, ...WARNING },
    firing,
    description: `${name}/${name}-1 has not been ready for at least ${duration.workload}. The pod gets no requests, and the other replicas carry its load. First step: read the events of the pod.`,
  } as const
  return [
    {
      ...common,
      name: 'a pod is not ready',
      input: [ready(incident(1, 0, 110)), ...suppressingOthers, ...notSuppressing],
    },
    {
      ...common,
      name: 'no node can take a pod, which has no condition Ready then',
      input: [pending(sequence([STALE, 30], [1, 110], [0, 60]))],
    },
    {
      ...common,
      name: 'a pod gets a node late and does not become ready',
      input: [pending(sequence([STALE, 30], [1, 20], [0, 150])), ready(sequence([STALE, 50], [0, 90], [1, 60]))],
    },
  ]
}

function missingReplicas({ for: duration }: Profile): Incident[] {
  const workloads = [
    { kind: 'Deployment', object: DEPLOYMENT, name: DEPLOYMENT.deployment, pods: replicas },
    { kind: 'StatefulSet', object: STATEFUL_SET, name: STATEFUL_SET.statefulset, pods: statefulPods },
    { kind: 'DaemonSet', object: DAEMON_SET, name: DAEMON_SET.daemonset, pods: daemonPods },
  ]
  return workloads.map(({ kind, object, name, pods }) => ({
    alert: 'ReplicasMissing',
    name: `two of three pods of a ${kind} are not ready`,
    input: pods(3, incident(3, 1, 110)),
    labels: { ...object, ...WARNING },
    firing,
    description: `${object.namespace}/${name}: 2 pods are not ready; the count has been above the bound of 0 for at least ${duration.workload}. The ready pods carry the whole load. First step: check whether the missing pods exist, and why they are not ready.`,
  }))
}

/** Incidents that kube-state-metrics reports. */
function clusterIncidents(profile: Profile): Incident[] {
  const { window, for: duration } = profile
  return [
    ...crashing(profile),
    ...unready(profile),
    ...missingReplicas(profile),
    {
      alert: 'ContainerOOMKilled',
      name: 'once',
      input: [...restarted('OOMKilled'), ...notOOMKilled],
      labels: { ...CONTAINER, ...WARNING },
      firing: { production: [30, 49], drill: [30, 35] },
      description: `${name}/${name}-1: the container ${name} was restarted in the last ${window}, after the kernel had killed it for using more memory than its limit. Its requests in flight are lost. First step: check how its memory usage grew before the kill.`,
    },
    {
      alert: 'AutoscalerAtLimit',
      name: 'three of three',
      input: autoscaled(incident(1, 3, 110)),
      labels: { ...AUTOSCALER, ...WARNING },
      firing,
      description: `${name}/${name} has had 3 replicas, its maximum, for at least ${duration.workload}. It cannot add replicas when the load grows, and the service may become slow. First step: check whether this load is expected.`,
    },
  ]
}

/** Each incident of kube-state-metrics as one of its pods reports it, and as pods that replace one another do. */
export const workloadIncidents = (profile: Profile): Incident[] => [
  ...clusterIncidents(profile).flatMap(each => [each, withReplacedExporters(each, 'instance')]),
  ...throttling(profile),
]

export const workloadBounds: readonly BoundCase[] = [
  { alert: 'CPUThrottled', inside: throttled(steady(24)), outside: throttled(steady(26)) },
  { alert: 'AutoscalerAtLimit', inside: autoscaled(steady(2)), outside: autoscaled(steady(3)) },
  { alert: 'ReplicasMissing', inside: replicas(3, steady(3)), outside: replicas(3, steady(2)) },
  { alert: 'ReplicasMissing', inside: statefulPods(3, steady(3)), outside: statefulPods(3, steady(2)) },
  { alert: 'ReplicasMissing', inside: daemonPods(3, steady(3)), outside: daemonPods(3, steady(2)) },
]

export const workloadSilences: readonly Silence[] = [
  {
    alert: 'PodNotReady',
    name: 'the pod of a finished Job',
    input: [ready(steady(0)), kubeState(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Succeeded' }, steady(1))],
  },
  {
    alert: 'PodNotReady',
    name: 'an evicted pod that the API keeps',
    input: [ready(steady(0)), kubeState(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Failed' }, steady(1))],
  },
  {
    alert: 'PodNotReady',
    name: 'a pod that waits for a node and is being deleted',
    input: [pending(steady(1)), kubeState(CLUSTER_METRICS.podDeletion, POD, DELETED)],
  },
  {
    alert: 'PodCrashLooping',
    name: 'one wait in one scrape, then the container runs',
    input: [backingOff(sequence([STALE, 30], [1, 1], [STALE, 169])), ready(sequence([1, 30], [0, 2], [1, 168]))],
  },
  {
    alert: 'PodCrashLooping',
    name: 'one wait in one scrape, and then the pod is not ready for another reason',
    input: [backingOff(sequence([STALE, 30], [1, 1], [STALE, 169])), ready(lasting(1, 0))],
  },
  {
    alert: 'AutoscalerAtLimit',
    name: 'an autoscaler with the same minimum and maximum',
    input: autoscaled(steady(3), 3),
  },
  {
    alert: 'PodNotReady',
    name: 'a pod that is being deleted',
    input: [ready(steady(0)), kubeState(CLUSTER_METRICS.podDeletion, POD, DELETED)],
  },
  { alert: 'ReplicasMissing', name: 'more than desired, while scaling down', input: replicas(1, steady(3)) },
  {
    alert: 'ReplicasMissing',
    name: 'more replicas are desired, according to a job that is not kube-state-metrics',
    input: [
      ...replicas(3, steady(3)),
      gauge(CLUSTER_METRICS.deploymentReplicas, { job: 'other', ...DEPLOYMENT }, steady(9)),
    ],
  },
  { alert: 'ContainerOOMKilled', name: 'a restart for another reason', input: restarted('Error') },
]

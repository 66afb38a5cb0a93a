import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS } from '../targets.ts'
import type { AlertCases } from './incidents.ts'
import { counter, gauge, type InputSeries, type Labels } from './input-series.ts'
import { incident, lasting, STALE, type Stretches, sequence, steady } from './stretches.ts'

const m = CLUSTER_METRICS
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
  kubeState(m.containerWaitingReason, { ...CONTAINER, reason: 'CrashLoopBackOff' }, values)

const ready = (values: Stretches) => kubeState(m.podReady, { ...POD, condition: 'true' }, values)

/** Series of other pods, or of another condition, that must not suppress PodCrashLooping of the pod of the incident. */
const readyOthers: InputSeries[] = [
  kubeState(m.podReady, { ...POD, pod: 'another', condition: 'true' }, steady(1)),
  kubeState(m.podReady, { ...POD, namespace: 'monitoring', condition: 'true' }, steady(1)),
]

/** Unix time of a deletion. */
const DELETED = steady(1_700_000_000)

/** Series that would suppress PodNotReady of another pod: each pod differs in one label from that of the incident. */
const suppressingOthers: InputSeries[] = [
  { ...POD, pod: 'another' },
  { ...POD, namespace: 'monitoring' },
].flatMap(pod => [
  kubeState(m.podPhase, { ...pod, phase: 'Succeeded' }, steady(1)),
  kubeState(m.podDeletion, pod, DELETED),
])

/** Whether a pod waits for a node, for an image or for a volume. */
const pending = (values: Stretches) => kubeState(m.podPhase, { ...POD, phase: 'Pending' }, values)

/** Series of the pod of the incident that must not suppress PodNotReady: another phase, or another job. */
const notSuppressing: InputSeries[] = [
  kubeState(m.podPhase, { ...POD, phase: 'Running' }, steady(1)),
  gauge(m.podPhase, { job: 'other', ...POD, phase: 'Succeeded' }, steady(1)),
  gauge(m.podDeletion, { job: 'other', ...POD }, steady(1)),
]

type Workload = readonly [object: Labels, desired: string, ready: string]

/** An object of each kind of workload, and the metrics of its desired and of its ready pods. */
const WORKLOADS: readonly (readonly [kind: string, workload: Workload])[] = [
  ['Deployment', [DEPLOYMENT, m.deploymentReplicas, m.deploymentReplicasReady]],
  ['StatefulSet', [STATEFUL_SET, m.statefulSetReplicas, m.statefulSetReplicasReady]],
  ['DaemonSet', [DAEMON_SET, m.daemonSetPods, m.daemonSetPodsReady]],
]

/** A workload that desires so many pods, of which some are ready. */
const pods = ([object, desired, ready]: Workload, count: number, readyPods: Stretches): InputSeries[] => [
  kubeState(desired, object, steady(count)),
  kubeState(ready, object, readyPods),
]
const replicas = (desired: number, ready: number) =>
  pods([DEPLOYMENT, m.deploymentReplicas, m.deploymentReplicasReady], desired, steady(ready))

/** A container with 100 CPU periods at each scrape, of which some are throttled. */
const throttled = (periods: Stretches, job: string = CLUSTER_JOBS.cadvisor): InputSeries[] => [
  counter(m.containerCPUPeriods, { job, ...CONTAINER }, steady(100)),
  counter(m.containerCPUThrottledPeriods, { job, ...CONTAINER }, periods),
]

/** A container that is restarted once, after it was terminated for a reason. */
const restarted = (reason: string): InputSeries[] => [
  counter(m.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...CONTAINER }, incident(0, 1, 1)),
  kubeState(m.containerLastTerminatedReason, { ...CONTAINER, reason }, lasting(STALE, 1)),
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
  counter(m.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...restarted }, steady(1)),
  ...(killed ? [kubeState(m.containerLastTerminatedReason, { ...killed, reason: 'OOMKilled' }, steady(1))] : []),
])

/** An autoscaler with a maximum of 3 replicas. */
const autoscaled = (current: Stretches, min = 1): InputSeries[] => [
  kubeState(m.autoscalerMinReplicas, AUTOSCALER, steady(min)),
  kubeState(m.autoscalerReplicas, AUTOSCALER, current),
  kubeState(m.autoscalerMaxReplicas, AUTOSCALER, steady(3)),
]

const firing = { production: [70, 140], drill: [33, 140] } as const
/** One wait in one scrape. */
const oneWait = backingOff(sequence([STALE, 30], [1, 1], [STALE, 169]))
const inPhase = (phase: string) => kubeState(m.podPhase, { ...POD, phase }, steady(1))
const deleted = kubeState(m.podDeletion, POD, DELETED)

/** The value `rest`, and ten times in turn `first` and `second` for two scrapes each; then the value `last`. */
const alternating = (rest: number, first: number, second: number, last: number) => [
  ...sequence([rest, 30]),
  ...Array.from({ length: 10 }, () => sequence([first, 2], [second, 2])).flat(),
  ...sequence([last, 130]),
]

const podCases: readonly AlertCases[] = [
  {
    alert: 'PodCrashLooping',
    labels: CONTAINER,
    incidents: {
      // The second wait is in scrape 31; the window has two waits until scrape 87, in a drill until 73.
      'a container waits for its next start, then the pod is deleted': {
        input: [backingOff(incident(STALE, 1)), ...readyOthers],
        firing: { production: [35, 88], drill: [33, 74] },
      },
      // The pod is ready from scrape 70 on, for a minute in scrape 73.
      'a container waits for its next start, then the pod is ready': {
        input: [backingOff(incident(STALE, 1)), ready(incident(1, 0)), ...readyOthers],
        firing: { production: [35, 73], drill: [33, 74] },
      },
      // Waits in scrapes 30, 31, 34, 35, … 66, 67, and the pod is ready in between. From scrape 68 on it is always
      // ready, for a minute in scrape 71; in a drill a minute is 12 scrapes, and the window has two waits until scrape
      // 71.
      'a container runs for a moment now and then; its pod is ready then': {
        input: [backingOff(alternating(STALE, 1, STALE, STALE)), ready(alternating(1, 0, 1, 1))],
        firing: { production: [35, 71], drill: [33, 72] },
      },
    },
    silences: {
      'one wait in one scrape, then the container runs': [oneWait, ready(sequence([1, 30], [0, 2], [1, 168]))],
      'one wait in one scrape, and then the pod is not ready for another reason': [oneWait, ready(lasting(1, 0))],
    },
  },
  {
    alert: 'PodNotReady',
    labels: POD,
    incidents: {
      'a pod is not ready': { input: [ready(incident(1, 0, 110)), ...suppressingOthers, ...notSuppressing], firing },
      'no node can take a pod, which has no condition Ready then': {
        input: [pending(sequence([STALE, 30], [1, 110], [0, 60]))],
        firing,
      },
      'a pod gets a node late and does not become ready': {
        input: [pending(sequence([STALE, 30], [1, 20], [0, 150])), ready(sequence([STALE, 50], [0, 90], [1, 60]))],
        firing,
      },
    },
    silences: {
      'the pod of a finished Job': [ready(steady(0)), inPhase('Succeeded')],
      'an evicted pod that the API keeps': [ready(steady(0)), inPhase('Failed')],
      'a pod that waits for a node and is being deleted': [pending(steady(1)), deleted],
      'a pod that is being deleted': [ready(steady(0)), deleted],
    },
  },
]

const objectCases: readonly AlertCases[] = [
  {
    alert: 'ReplicasMissing',
    value: '2',
    incidents: Object.fromEntries(
      WORKLOADS.map(([kind, workload]) => [
        `two of three pods of a ${kind} are not ready`,
        { labels: workload[0], input: pods(workload, 3, incident(3, 1, 110)), firing },
      ]),
    ),
    bounds: WORKLOADS.map(([, workload]) => [pods(workload, 3, steady(3)), pods(workload, 3, steady(2))]),
    silences: {
      'more than desired, while scaling down': replicas(1, 3),
      'more replicas are desired, according to a job that is not kube-state-metrics': [
        ...replicas(3, 3),
        gauge(m.deploymentReplicas, { job: 'other', ...DEPLOYMENT }, steady(9)),
      ],
    },
  },
  {
    alert: 'ContainerOOMKilled',
    labels: CONTAINER,
    incidents: {
      once: {
        input: [...restarted('OOMKilled'), ...notOOMKilled],
        firing: { production: [30, 49], drill: [30, 35] },
      },
    },
    silences: { 'a restart for another reason': restarted('Error') },
  },
  {
    alert: 'AutoscalerAtLimit',
    labels: AUTOSCALER,
    value: '3',
    incidents: { 'three of three': { input: autoscaled(incident(1, 3, 110)), firing } },
    bounds: [[autoscaled(steady(2)), autoscaled(steady(3))]],
    silences: { 'an autoscaler with the same minimum and maximum': autoscaled(steady(3), 3) },
  },
]

const throttling: AlertCases = {
  alert: 'CPUThrottled',
  labels: CONTAINER,
  value: '60%',
  incidents: Object.fromEntries(
    [CLUSTER_JOBS.cadvisor, 'kubelet'].map(job => [
      `six periods in ten (${job})`,
      // A quarter of the window's periods is throttled after 9 bad increases of 19, in a drill 3 of 5. Prometheus does
      // not extrapolate the first increases, because the counter began at 0.
      { input: throttled(incident(0, 60, 110), job), firing: { production: [78, 151], drill: [35, 142] } },
    ]),
  ),
  bounds: [[throttled(steady(24)), throttled(steady(26))]],
}

export const workloadCases = (): AlertCases[] => [
  ...[...podCases, ...objectCases].map(cases => ({ ...cases, exporterLabel: 'instance' as const })),
  throttling,
]

import type { Profile } from '../profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS } from '../targets.ts'
import type { Incident } from './incidents.ts'
import { counter, gauge, type InputSeries, type Stretch } from './promtool.ts'
import { incident, steady } from './series.ts'

const OBJECT = { namespace: 'tipping-point' }
const POD = { ...OBJECT, pod: 'tipping-point-1' }
const CONTAINER = { ...POD, container: 'tipping-point' }
const DEPLOYMENT = { ...OBJECT, deployment: 'tipping-point' }
const AUTOSCALER = { ...OBJECT, horizontalpodautoscaler: 'tipping-point' }

/** What kube-state-metrics tells of an object. */
const told = (metric: string, labels: Record<string, string>, values: Stretch<number | 'stale'>[]) =>
  gauge(metric, { job: CLUSTER_JOBS.kubeState, ...labels }, values)

/** A container that waits to be started again; there is no such series while it does not. */
const backingOff = (values: Stretch<number | 'stale'>[]) =>
  told(CLUSTER_METRICS.containerWaitingReason, { ...CONTAINER, reason: 'CrashLoopBackOff' }, values)

/** Pods that have a reason not to be ready, and none of which is the one that has not: each differs in one label. */
const excused: InputSeries[] = [
  { namespace: 'tipping-point', pod: 'another' },
  { namespace: 'monitoring', pod: POD.pod },
].flatMap(pod => [
  told(CLUSTER_METRICS.podPhase, { ...pod, phase: 'Succeeded' }, steady(1)),
  told(CLUSTER_METRICS.podDeletion, pod, steady(1_700_000_000)),
])

/** What says so of the very pod, but is not meant: its phase is another, or nobody trusts who says it. */
const meaningless: InputSeries[] = [
  told(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Running' }, steady(1)),
  gauge(CLUSTER_METRICS.podPhase, { job: 'other', ...POD, phase: 'Succeeded' }, steady(1)),
  gauge(CLUSTER_METRICS.podDeletion, { job: 'other', ...POD }, steady(1)),
]

const ready = (values: Stretch<number>[]) => told(CLUSTER_METRICS.podReady, { ...POD, condition: 'true' }, values)

const replicas = (wanted: number, readyOnes: Stretch[]): InputSeries[] => [
  told(CLUSTER_METRICS.deploymentReplicas, DEPLOYMENT, steady(wanted)),
  told(CLUSTER_METRICS.deploymentReplicasReady, DEPLOYMENT, readyOnes),
]

/** A container that is throttled in so many of 100 periods a scrape, as cAdvisor tells of it under a job. */
const throttled = (periods: Stretch[], job: string = CLUSTER_JOBS.cadvisor): InputSeries[] => [
  counter(CLUSTER_METRICS.containerCPUPeriods, { job, ...CONTAINER }, steady(100)),
  counter(CLUSTER_METRICS.containerCPUThrottledPeriods, { job, ...CONTAINER }, periods),
]

/** A container that ends and is started again at scrape 30, once. */
const restarted = (reason: string): InputSeries[] => [
  counter(CLUSTER_METRICS.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...CONTAINER }, incident(0, 1, 1)),
  told(CLUSTER_METRICS.containerLastTerminatedReason, { ...CONTAINER, reason }, [
    ['stale', 30],
    [1, 170],
  ]),
]

/** Containers that were started again, or once killed for want of memory, but not both, as far as it is told by whom it must be. */
const innocent: InputSeries[] = [
  { was: { ...CONTAINER, pod: 'restarted' }, killed: { ...CONTAINER, pod: 'killed-long-ago' } },
  { was: { ...CONTAINER, container: 'sidecar' }, killed: CONTAINER },
  { was: { ...CONTAINER, namespace: 'monitoring' }, killed: CONTAINER },
  { was: { ...CONTAINER, pod: 'a' }, killed: { ...CONTAINER, pod: 'a' }, byOther: 'killed' },
  { was: { ...CONTAINER, pod: 'b' }, killed: { ...CONTAINER, pod: 'b' }, byOther: 'was' },
  { was: { ...CONTAINER, namespace: 'other' }, killed: { ...CONTAINER, namespace: 'other' } },
].flatMap(({ was, killed, byOther }) => {
  const job = (part: string) => (byOther === part ? 'other' : CLUSTER_JOBS.kubeState)
  const reason = { job: job('killed'), ...killed, reason: 'OOMKilled' }
  return [
    counter(CLUSTER_METRICS.containerRestarts, { job: job('was'), ...was }, steady(1)),
    // the container of the incident is told of by the incident
    ...(killed === CONTAINER ? [] : [gauge(CLUSTER_METRICS.containerLastTerminatedReason, reason, steady(1))]),
  ]
})

const autoscaled = (current: Stretch[]): InputSeries[] => [
  told(CLUSTER_METRICS.autoscalerReplicas, AUTOSCALER, current),
  told(CLUSTER_METRICS.autoscalerMaxReplicas, AUTOSCALER, steady(3)),
]

/** As in incidents.ts. */
export function workloadIncidents(profile: Profile): Incident[] {
  const inProduction = profile.name === 'production'
  const [window, duration] = inProduction ? ['5m', '10m'] : ['30s', '15s']
  const warning = { severity: 'warning', area: 'workload' }
  const crashing =
    'tipping-point/tipping-point-1: its container tipping-point ends soon after each start, and is started less and less often (CrashLoopBackOff). What this pod should do is not done.'
  const waiting = `tipping-point/tipping-point-1: in 60% of the periods of the last ${window}, tipping-point used up its CPU limit and stood still; the bound is 25%. What it does takes longer than it must.`
  return [
    {
      alert: 'PodCrashLooping',
      name: 'a container waits',
      input: [backingOff(incident<number | 'stale'>('stale', 1))],
      labels: { ...CONTAINER, severity: 'critical', area: 'workload' },
      production: [34, 89],
      drill: [32, 75],
      says: crashing,
    },
    {
      alert: 'PodCrashLooping',
      name: 'a container runs for a moment now and then',
      input: [
        backingOff([
          ['stale', 30],
          ...Array.from({ length: 10 }, () => [[1, 2] as const, ['stale', 2] as const]).flat(),
          ['stale', 130],
        ]),
      ],
      labels: { ...CONTAINER, severity: 'critical', area: 'workload' },
      production: [34, 87],
      drill: [32, 73],
      says: crashing,
    },
    {
      alert: 'PodNotReady',
      name: 'a pod is not ready',
      input: [ready(incident(1, 0, 110)), ...excused, ...meaningless],
      labels: { ...POD, ...warning },
      production: [70, 140],
      drill: [33, 140],
      says: `tipping-point/tipping-point-1 has not been ready for ${duration}: it gets no requests, and the others get more.`,
    },
    {
      alert: 'ReplicasMissing',
      name: 'two of three are not ready',
      input: replicas(3, incident(3, 1, 110)),
      labels: { ...DEPLOYMENT, ...warning },
      production: [70, 140],
      drill: [33, 140],
      says: `tipping-point/tipping-point: 2 of its replicas are not ready, for ${duration}; there should be none. The others carry their load.`,
    },
    ...[CLUSTER_JOBS.cadvisor, 'kubelet'].map(job => ({
      alert: 'CPUThrottled',
      name: `six periods in ten, by ${job}`,
      input: throttled(incident(0, 60, 110), job),
      labels: { ...CONTAINER, ...warning },
      // a quarter of the window's periods after 9 bad rises of 19, in a drill 3 of 5: the first are not extrapolated,
      // because throttling began at zero
      production: [78, 151] as const,
      drill: [35, 142] as const,
      says: waiting,
    })),
    {
      alert: 'ContainerOOMKilled',
      name: 'once',
      input: [...restarted('OOMKilled'), ...innocent],
      labels: { ...CONTAINER, ...warning },
      production: [30, 49],
      drill: [30, 35],
      says: 'tipping-point/tipping-point-1: tipping-point used more than its memory limit, and the kernel killed it. What it was doing is lost.',
    },
    {
      alert: 'AutoscalerAtLimit',
      name: 'three of three',
      input: autoscaled(incident(1, 3, 110)),
      labels: { ...AUTOSCALER, ...warning },
      production: [70, 140],
      drill: [33, 140],
      says: `tipping-point/tipping-point has had 3 replicas, the most that it may, for ${duration}. More load than now will not be met by more pods.`,
    },
  ]
}

/** As in incidents.ts. */
export const workloadBounds = [
  { alert: 'CPUThrottled', inside: throttled(steady(24)), outside: throttled(steady(26)) },
  { alert: 'AutoscalerAtLimit', inside: autoscaled(steady(2)), outside: autoscaled(steady(3)) },
  { alert: 'ReplicasMissing', inside: replicas(3, steady(3)), outside: replicas(3, steady(2)) },
]

/** As in incidents.ts. */
export const workloadPeace = [
  {
    alert: 'PodNotReady',
    name: 'a job that is done',
    input: [ready(steady(0)), told(CLUSTER_METRICS.podPhase, { ...POD, phase: 'Succeeded' }, steady(1))],
  },
  {
    alert: 'PodNotReady',
    name: 'a pod that was told to go',
    input: [ready(steady(0)), told(CLUSTER_METRICS.podDeletion, POD, steady(1_700_000_000))],
  },
  { alert: 'ReplicasMissing', name: 'more than wanted, while it scales down', input: replicas(1, steady(3)) },
  { alert: 'ContainerOOMKilled', name: 'a restart for another reason', input: restarted('Error') },
]

import { BytesIEC, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BOUNDS } from '../../objectives.ts'
import { select } from '../../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, CONTAINER, EXPORTERS, JOBS, OPERATOR_JOBS } from '../../targets.ts'
import { chosen, REPLICAS } from '../dashboard-variables.ts'
import { COUNT, figure, graph, increase, quantile, rate, table, unitOf } from '../panels.ts'

/** The service's containers. The cluster's metrics do not carry the service's `job` and `instance`. */
const CONTAINERS = { ...chosen('namespace', 'pod'), container: CONTAINER }

/** The service's Deployment, as the manifests in k8s/ name it. */
const DEPLOYMENT = { job: CLUSTER_JOBS.kubeState, ...chosen('namespace'), deployment: JOBS.service }

const byReplica = (series: string) => `sum by (instance) (${series})`
const byPod = (series: string) => `sum by (pod) (${series})`

/** A metric of cAdvisor about the service's containers. */
const used = (metric: string) => select(metric, { job: OPERATOR_JOBS.cadvisor, ...CONTAINERS })
const limit = (resource: 'cpu' | 'memory') =>
  byPod(select(CLUSTER_METRICS.containerLimits, { job: CLUSTER_JOBS.kubeState, ...CONTAINERS, resource }))

const scraped = `sum(${select(EXPORTERS.up, REPLICAS)})`

export const replicaCount = figure({
  title: 'Replicas',
  shows: 'Number of replicas that Prometheus can scrape.',
  worry: 'Worry when there are fewer than you started.',
  unit: COUNT,
  queries: { scraped },
  bound: { below: 1 },
})

export const replicas = graph({
  title: 'Replicas',
  shows: 'Number of replicas that Prometheus can scrape and, in a cluster, of ready and of wanted replicas.',
  worry: 'Worry while fewer are scraped or ready than wanted.',
  unit: COUNT,
  queries: {
    scraped,
    ready: `sum(${select(CLUSTER_METRICS.deploymentReplicasReady, DEPLOYMENT)})`,
    wanted: `sum(${select(CLUSTER_METRICS.deploymentReplicas, DEPLOYMENT)})`,
  },
})

export const eventLoopLag = graph({
  title: 'Event loop lag, p99',
  shows: 'Time that work waits for the event loop of each replica, in the worst 1% of the samples (99th percentile).',
  worry: 'Normal is a few milliseconds. At a high lag code calculates without a pause, and all requests wait.',
  unit: Seconds,
  queries: {
    '{{instance}}': quantile(
      0.99,
      `sum by (instance, le) (${rate(select(`${catalogue.eventLoopLag.name}_bucket`, REPLICAS))})`,
    ),
  },
  bound: { above: BOUNDS.eventLoopLag, alert: 'EventLoopSaturated' },
})

export const cpu = graph({
  title: 'CPU usage by replica',
  shows: 'CPU cores that each replica uses.',
  worry: "JavaScript runs on one thread: near 1 core, or near the pod's limit, a replica is saturated; scale out.",
  unit: unitOf('cores'),
  queries: { '{{instance}}': byReplica(rate(select(catalogue.cpu.name, REPLICAS))) },
})

export const memory = graph({
  title: 'Memory by replica',
  shows: 'Resident memory of each replica.',
  worry: 'A rise after a start that levels off is normal; a rise over hours without more load is a leak.',
  unit: BytesIEC,
  queries: { '{{instance}}': byReplica(select(catalogue.residentMemory.name, REPLICAS)) },
})

export const openFiles = graph({
  title: 'Open files, share',
  shows: "File descriptors in use, as a share of the process's limit; each connection takes one.",
  worry: 'A rise without more requests is a leak; near 100% new clients are refused.',
  unit: PercentUnit,
  queries: {
    '{{instance}}': `${byReplica(select(catalogue.openFiles.name, REPLICAS))} / ${byReplica(select(catalogue.maxFiles.name, REPLICAS))}`,
  },
  max: 1,
})

export const podCPU = graph({
  title: 'CPU, share of limit',
  shows: 'CPU time that each pod uses, as a share of its limit.',
  worry: 'Near 100% the kernel throttles the container: see the panel on throttled periods.',
  unit: PercentUnit,
  queries: { '{{pod}}': `${byPod(rate(used(CLUSTER_METRICS.containerCPU)))} / ${limit('cpu')}` },
})

export const throttled = graph({
  title: 'Throttled periods',
  shows: 'Share of the CPU periods in which a container used up its limit and was paused.',
  worry: 'Normal is near 0%; throttled requests take longer.',
  unit: PercentUnit,
  queries: {
    '{{pod}}': `${byPod(rate(used(CLUSTER_METRICS.containerCPUThrottledPeriods)))} / ${byPod(rate(used(CLUSTER_METRICS.containerCPUPeriods)))}`,
  },
  max: 1,
  bound: { above: BOUNDS.throttled, alert: 'CPUThrottled' },
})

export const podMemory = graph({
  title: 'Memory, share of limit',
  shows: 'Memory that the kernel cannot reclaim from each pod, as a share of its limit.',
  worry: 'At 100% the kernel kills the container.',
  alerts: { ContainerOOMKilled: 'when the kernel killed a container' },
  unit: PercentUnit,
  queries: { '{{pod}}': `${byPod(used(CLUSTER_METRICS.containerMemory))} / ${limit('memory')}` },
  max: 1,
})

export const restarts = table({
  title: 'Restarts',
  shows: 'Number of container restarts within the time range, by pod.',
  worry: 'Normal is 0; `kubectl describe pod` shows the reason of a restart.',
  alerts: {
    PodCrashLooping: 'when a container restarts again and again',
    ContainerOOMKilled: 'when the kernel killed a container',
  },
  unit: COUNT,
  columns: { pod: 'Pod' },
  queries: {
    Restarts: `round(${byPod(increase(select(CLUSTER_METRICS.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...CONTAINERS })))}) > 0`,
  },
  bound: { above: 1 },
  empty: 'No restart in this time range',
})

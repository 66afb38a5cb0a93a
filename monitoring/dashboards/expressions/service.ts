import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { select } from '../../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, CONTAINER, EXPORTERS, JOBS, OPERATOR_JOBS } from '../../targets.ts'
import { increase, quantile, rate } from './functions.ts'

const { requests, requestDuration, requestsInFlight, exceptions, eventLoopLag } = catalogue

/** What the dashboard's variables choose. */
const CHOSEN = { job: '=~$job', namespace: '=~$namespace', pod: '=~$pod', instance: '=~$instance' }

/** Of the chosen pods, as the cluster tells of them: it knows no `job` of the service. */
const IN_CLUSTER = { namespace: '=~$namespace', pod: '=~$pod', container: CONTAINER }

/** The service's Deployment, as the manifests in k8s/ name it. */
const DEPLOYMENT = { job: CLUSTER_JOBS.kubeState, namespace: '=~$namespace', deployment: JOBS.service }

const chosen = (metric: string) => select(metric, CHOSEN)
const all = chosen(requests.name)
const failed = select(requests.name, { ...CHOSEN, [requests.labels.status]: '=~5..' })
const thrown = chosen(exceptions.name)
const buckets = chosen(`${requestDuration.name}_bucket`)

/** `500` → `5xx`: four lines tell what forty would hide. */
const byStatusClass = (rates: string) =>
  `sum by (class) (label_replace(${rates}, "class", "\${1}xx", "${requests.labels.status}", "(.).."))`

/** Of what the kubelet says of the service's containers. */
const used = (metric: string) => select(metric, { job: OPERATOR_JOBS.cadvisor, ...IN_CLUSTER })
const byPod = (rates: string) => `sum by (pod) (${rates})`
const limit = (resource: 'cpu' | 'memory') =>
  byPod(select(CLUSTER_METRICS.containerLimits, { job: CLUSTER_JOBS.kubeState, ...IN_CLUSTER, resource }))

/** PromQL about the service. Times are in seconds, ratios from 0 to 1. */
export const service = {
  /** Over the range that the dashboard shows. */
  inRange: {
    requests: `sum(${increase(all)})`,
    failed: `sum(${increase(failed)})`,
    exceptions: `sum(${increase(thrown)})`,
    latency: quantile(0.95, `sum by (le) (${increase(buckets)})`),
  },
  requests: byStatusClass(rate(all)),
  requestsByRoute: `sum by (${requests.labels.route}) (${rate(all)})`,
  requestsByReplica: `sum by (instance) (${rate(all)})`,
  failedRatio: `sum(${rate(failed)}) / sum(${rate(all)})`,
  failedByRoute: `sum by (${requests.labels.route}, ${requests.labels.status}) (${rate(failed)})`,
  /** A minute: one exception is then near 1, not 0.017. */
  exceptions: `60 * sum by (${exceptions.labels.type}) (${rate(thrown)})`,
  latency: (q: number) => quantile(q, `sum by (le) (${rate(buckets)})`),
  latencyByRoute: quantile(0.95, `sum by (${requests.labels.route}, le) (${rate(buckets)})`),
  latencyByReplica: quantile(0.95, `sum by (instance, le) (${rate(buckets)})`),
  durations: `sum by (le) (${rate(buckets)})`,
  inFlight: `sum by (instance) (${chosen(requestsInFlight.name)})`,
  eventLoopLag: quantile(0.99, `sum by (instance, le) (${rate(chosen(`${eventLoopLag.name}_bucket`))})`),
  cpu: `sum by (instance) (${rate(chosen(catalogue.cpu.name))})`,
  memory: `sum by (instance) (${chosen(catalogue.residentMemory.name)})`,
  openFiles: `sum by (instance) (${chosen(catalogue.openFiles.name)}) / sum by (instance) (${chosen(catalogue.maxFiles.name)})`,
  replicas: {
    answering: `sum(${chosen(EXPORTERS.up)})`,
    ready: `sum(${select(CLUSTER_METRICS.deploymentReplicasReady, DEPLOYMENT)})`,
    wanted: `sum(${select(CLUSTER_METRICS.deploymentReplicas, DEPLOYMENT)})`,
  },
  /** By pod, of its limits; only a cluster has them. */
  pods: {
    throttled: `${byPod(rate(used(CLUSTER_METRICS.containerCPUThrottledPeriods)))} / ${byPod(rate(used(CLUSTER_METRICS.containerCPUPeriods)))}`,
    cpu: `${byPod(rate(used(CLUSTER_METRICS.containerCPU)))} / ${limit('cpu')}`,
    memory: `${byPod(used(CLUSTER_METRICS.containerMemory))} / ${limit('memory')}`,
    restarts: byPod(
      increase(select(CLUSTER_METRICS.containerRestarts, { job: CLUSTER_JOBS.kubeState, ...IN_CLUSTER })),
    ),
  },
}

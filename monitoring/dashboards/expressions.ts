import { catalogue } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'

const { requests, requestDuration, requestsInFlight, exceptions } = catalogue

/** What the dashboard's variables choose. */
const CHOSEN = { job: '=~$job', instance: '=~$instance' }

/** The service's Deployment, as the manifests in k8s/ name it; kube-state-metrics knows no `job` of the service. */
const DEPLOYMENT = { job: CLUSTER_JOBS.kubeState, deployment: JOBS.service }

/** The filesystems that the storage alert looks at, too (a test compares). No mount point is named: on kind, `/` is not there. */
const DISKS = { job: JOBS.node, fstype: '!~tmpfs|ramfs|squashfs|iso9660' }

const all = select(requests.name, CHOSEN)
const failed = select(requests.name, { ...CHOSEN, [requests.labels.status]: '=~5..' })
const thrown = select(exceptions.name, CHOSEN)
const buckets = select(`${requestDuration.name}_bucket`, CHOSEN)

const rate = (counter: string) => `rate(${counter}[$__rate_interval])`
const inRange = (counter: string) => `increase(${counter}[$__range])`
const quantile = (q: number, bucketCounts: string) => `histogram_quantile(${q}, sum by (le) (${bucketCounts}))`

/** `500` → `5xx`: four lines tell what forty would hide. */
const byStatusClass = (rates: string) =>
  `sum by (class) (label_replace(${rates}, "class", "\${1}xx", "${requests.labels.status}", "(.).."))`

/** PromQL about the service. Times are in seconds, ratios from 0 to 1. */
export const service = {
  /** Over the range that the dashboard shows. */
  inRange: {
    requests: `sum(${inRange(all)})`,
    failed: `sum(${inRange(failed)})`,
    exceptions: `sum(${inRange(thrown)})`,
    latency: quantile(0.95, inRange(buckets)),
  },
  requests: byStatusClass(rate(all)),
  failedRatio: `sum(${rate(failed)}) / sum(${rate(all)})`,
  /** A minute: one exception is then near 1, not 0.017. */
  exceptions: `60 * sum by (${exceptions.labels.type}) (${rate(thrown)})`,
  latency: (q: number) => quantile(q, rate(buckets)),
  inFlight: `sum by (instance) (${select(requestsInFlight.name, CHOSEN)})`,
  replicas: {
    answering: `sum(${select(EXPORTERS.up, CHOSEN)})`,
    ready: `sum(${select(CLUSTER_METRICS.deploymentReplicasReady, DEPLOYMENT)})`,
    wanted: `sum(${select(CLUSTER_METRICS.deploymentReplicas, DEPLOYMENT)})`,
  },
}

const disk = (metric: string) => select(metric, DISKS)
/** One device may be mounted in many places; what cannot be written to cannot fill up. */
const perDisk = (figure: string) =>
  `min by (instance, device) (${figure} and ${disk(EXPORTERS.nodeFilesystemReadonly)} == 0)`
const ofNode = (metric: string, labels = {}) => select(metric, { job: JOBS.node, ...labels })
const idle = rate(ofNode(EXPORTERS.nodeCPU, { mode: '=~idle|iowait' }))

/** PromQL about the nodes, as the alerts see them. Ratios are from 0 to 1. */
export const node = {
  cpu: `1 - avg by (instance) (sum without (mode) (${idle}))`,
  memory: `1 - ${ofNode(EXPORTERS.nodeMemoryAvailable)} / ${ofNode(EXPORTERS.nodeMemoryTotal)}`,
  storage: perDisk(disk(EXPORTERS.nodeFilesystemAvailable)),
  storageRatio: perDisk(`${disk(EXPORTERS.nodeFilesystemAvailable)} / ${disk(EXPORTERS.nodeFilesystemSize)}`),
}

/** Prometheus' own series of its alerts. */
export const ALERTS = 'ALERTS'

/** Every alert: 1 is pending, 2 is firing. Watchdog always fires, so this is empty only where no alert can arrive. */
export const alertStates = `max by (alertname) (${select(ALERTS, { alertstate: 'pending' })} or 2 * ${select(ALERTS, { alertstate: 'firing' })})`

import { select } from '../../rule.ts'
import { disks } from '../../rules/node-rules.ts'
import { CLUSTER_METRICS, EXPORTERS, OPERATOR_JOBS } from '../../targets.ts'
import { rate } from './functions.ts'

/** Network devices behind which there is something else than this node's own pods and containers. */
const DEVICES = '!~(lo|veth|cali|cni|docker|br-|ifb|flannel|tunl|kube|cilium|lxc|virbr|dummy|nodelocaldns).*'

/**
 * PromQL about nodes, as the alerts see them. Ratios are from 0 to 1.
 * @param chosen labels that choose the nodes
 */
export function node(chosen: Readonly<Record<string, string>>) {
  const of = (metric: string, labels = {}) => select(metric, { ...chosen, ...labels })
  /** The filesystems that the storage alerts look at, too. */
  const disk = (metric: string) => select(metric, { ...disks, ...chosen })
  /** One device may be mounted in many places; what cannot be written to cannot fill up. */
  const perDisk = (figure: string) =>
    `min by (instance, device) (${figure} and ${disk(EXPORTERS.nodeFilesystemReadonly)} == 0)`
  const idle = rate(of(EXPORTERS.nodeCPU, { mode: '=~idle|iowait' }))
  const cpus = `count by (instance) (${of(EXPORTERS.nodeCPU, { mode: 'idle' })})`
  const waited = (metric: string) => `max by (instance) (${rate(of(metric))})`
  /** On a cluster node_exporter sees its pod's network only; cAdvisor's root is the node. */
  const network = (metric: string, inCluster: string) =>
    `sum by (instance) (${rate(of(metric, { device: DEVICES }))}) or on () ` +
    `sum by (instance) (${rate(select(inCluster, { job: OPERATOR_JOBS.cadvisor, id: '/', interface: DEVICES }))})`

  return {
    // two scrapes that are not as far apart as they should be make more idle time than there was time
    cpu: `clamp_min(1 - avg by (instance) (sum without (mode) (${idle})), 0)`,
    cpuByMode: `sum by (mode) (${rate(of(EXPORTERS.nodeCPU, { mode: '!~idle|iowait' }))}) / scalar(sum(${cpus}))`,
    load: `max by (instance) (${of(EXPORTERS.nodeLoad)}) / ${cpus}`,
    memory: `1 - max by (instance) (${of(EXPORTERS.nodeMemoryAvailable)}) / max by (instance) (${of(EXPORTERS.nodeMemoryTotal)})`,
    memoryAvailable: `max by (instance) (${of(EXPORTERS.nodeMemoryAvailable)})`,
    majorFaults: `max by (instance) (${rate(of(EXPORTERS.nodeMajorFaults))})`,
    storage: perDisk(disk(EXPORTERS.nodeFilesystemAvailable)),
    storageRatio: perDisk(`${disk(EXPORTERS.nodeFilesystemAvailable)} / ${disk(EXPORTERS.nodeFilesystemSize)}`),
    inodes: perDisk(`${disk(EXPORTERS.nodeFilesystemFilesFree)} / ${disk(EXPORTERS.nodeFilesystemFiles)}`),
    diskBusy: `max by (instance, device) (${rate(of(EXPORTERS.nodeDiskBusy))})`,
    received: network(EXPORTERS.nodeNetworkReceived, CLUSTER_METRICS.containerNetworkReceived),
    sent: network(EXPORTERS.nodeNetworkSent, CLUSTER_METRICS.containerNetworkSent),
    /** Shares of time in which something waited for it (PSI, pressure stall information of the kernel). */
    pressure: {
      cpu: waited(EXPORTERS.nodePressureCPU),
      memory: waited(EXPORTERS.nodePressureMemory),
      io: waited(EXPORTERS.nodePressureIO),
    },
  }
}

import { BytesIEC, BytesPerSecondIEC, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { BOUNDS, PREDICTION } from '../../objectives.ts'
import { select } from '../../rule.ts'
import { disks } from '../../rules/node-rules.ts'
import { CLUSTER_METRICS, EXPORTERS, OPERATOR_JOBS } from '../../targets.ts'
import { graph, percent, rate, unitOf } from '../panels.ts'

/** Labels that select nodes, as for {@link select}. */
type Nodes = Readonly<Record<string, string>>

/** Network devices of the node itself, not of its pods and containers. */
const DEVICES = '!~(lo|veth|cali|cni|docker|br-|ifb|flannel|tunl|kube|cilium|lxc|virbr|dummy|nodelocaldns).*'

/** Per-second rate of the CPU time of each CPU in some modes. */
const cpuRate = (nodes: Nodes, mode: string) => rate(select(EXPORTERS.nodeCPU, { ...nodes, mode }))

const cpus = (nodes: Nodes) => `count by (instance) (${select(EXPORTERS.nodeCPU, { ...nodes, mode: 'idle' })})`

/** Value of a gauge on each node. */
const perNode = (metric: string, nodes: Nodes) => `max by (instance) (${select(metric, nodes)})`

/** Per-second rate of a counter on each node. */
const ratePerNode = (metric: string, nodes: Nodes) => `max by (instance) (${rate(select(metric, nodes))})`

/** A metric of the filesystems that the storage alerts read. */
const disk = (metric: string, nodes: Nodes) => select(metric, { ...disks, ...nodes })

/** A value for each device, which may have many mounts. Read-only filesystems cannot fill up and are left out. */
const perDisk = (value: string, nodes: Nodes) =>
  `min by (instance, device) (${value} and ${disk(EXPORTERS.nodeFilesystemReadonly, nodes)} == 0)`

/** In a cluster node_exporter sees the network of its own pod only; cAdvisor's root container is the node. */
const networkRate = (metric: string, inCluster: string, nodes: Nodes) =>
  `sum by (instance) (${rate(select(metric, { ...nodes, device: DEVICES }))}) or on () ` +
  `sum by (instance) (${rate(select(inCluster, { job: OPERATOR_JOBS.cadvisor, id: '/', interface: DEVICES }))})`

export const cpu = (nodes: Nodes) =>
  graph({
    title: 'CPU usage',
    shows: "Share of each node's CPU time in use.",
    worry: 'Near 100% the service competes for CPU; in a load test the load generator may be the cause.',
    unit: PercentUnit,
    queries: {
      // clamp_min: scrapes that come late show more idle time than time has passed
      '{{instance}}': `clamp_min(1 - avg by (instance) (sum without (mode) (${cpuRate(nodes, '=~idle|iowait')})), 0)`,
    },
    max: 1,
    bound: { above: BOUNDS.nodeCPU, alert: 'NodeCPUHigh' },
  })

export const cpuByMode = (nodes: Nodes) =>
  graph({
    title: 'CPU by mode',
    shows: 'Share of the CPU time of all nodes in each mode.',
    worry: 'Much `system` is work of the kernel; any `steal` is CPU time that other machines on the host take.',
    unit: PercentUnit,
    queries: {
      '{{mode}}': `sum by (mode) (${cpuRate(nodes, '!~idle|iowait')}) / scalar(sum(${cpus(nodes)}))`,
    },
    max: 1,
  })

export const load = (nodes: Nodes) =>
  graph({
    title: 'Load per CPU',
    shows: 'Number of processes that run or wait, per CPU, averaged over one minute.',
    worry: 'Above 1, processes wait for a CPU.',
    unit: NoUnit,
    queries: { '{{instance}}': `${perNode(EXPORTERS.nodeLoad, nodes)} / ${cpus(nodes)}` },
    bound: { above: BOUNDS.nodeLoad, alert: 'NodeLoadHigh' },
  })

export const memory = (nodes: Nodes) =>
  graph({
    title: 'Memory usage',
    shows: "Share of each node's memory that is not available for new work.",
    worry: 'Near 100% the kernel kills processes; a steady rise is a leak.',
    unit: PercentUnit,
    queries: {
      '{{instance}}': `1 - ${perNode(EXPORTERS.nodeMemoryAvailable, nodes)} / ${perNode(EXPORTERS.nodeMemoryTotal, nodes)}`,
    },
    max: 1,
    bound: { above: BOUNDS.nodeMemory, alert: 'NodeMemoryHigh' },
  })

export const memoryAvailable = (nodes: Nodes) =>
  graph({
    title: 'Available memory',
    shows: 'Memory that is available for new work, including caches that the kernel can drop.',
    worry: 'Worry when less is available than the next pod requests.',
    unit: BytesIEC,
    queries: { '{{instance}}': perNode(EXPORTERS.nodeMemoryAvailable, nodes) },
  })

export const majorFaults = (nodes: Nodes) =>
  graph({
    title: 'Major page faults',
    shows: 'Memory pages per second that the kernel had to read from a disk.',
    worry: 'A peak when a process starts is normal; a lasting rate means too little memory.',
    unit: unitOf('pages/s'),
    softMax: 100, // a few pages are no peak
    queries: { '{{instance}}': ratePerNode(EXPORTERS.nodeMajorFaults, nodes) },
  })

export const storage = (nodes: Nodes) =>
  graph({
    title: 'Storage left',
    shows: 'Available space on each writable device.',
    worry: 'Worry about a steady fall: a log or a data folder grows without limit.',
    alerts: {
      NodeStorageFillingUp: `when the trend of the last ${PREDICTION.from} leaves no space within ${PREDICTION.ahead}`,
    },
    unit: BytesIEC,
    queries: { '{{instance}} {{device}}': perDisk(disk(EXPORTERS.nodeFilesystemAvailable, nodes), nodes) },
  })

export const storageRatio = (nodes: Nodes) =>
  graph({
    title: 'Storage left, share',
    shows: 'Available space on each writable device, as a share of its size.',
    worry: 'At 0% every write fails; the dashed line is the bound of the first alert.',
    alerts: { NodeStorageAlmostFull: `below ${percent(BOUNDS.nodeStorageLast)}` },
    unit: PercentUnit,
    queries: {
      '{{instance}} {{device}}': perDisk(
        `${disk(EXPORTERS.nodeFilesystemAvailable, nodes)} / ${disk(EXPORTERS.nodeFilesystemSize, nodes)}`,
        nodes,
      ),
    },
    max: 1,
    bound: { below: BOUNDS.nodeStorage, alert: 'NodeStorageLow' },
  })

export const inodes = (nodes: Nodes) =>
  graph({
    title: 'Inodes left, share',
    shows: 'Free inodes on each writable device, as a share of all inodes.',
    worry: 'At 0% no file can be created, even if there is space.',
    unit: PercentUnit,
    queries: {
      '{{instance}} {{device}}': perDisk(
        `${disk(EXPORTERS.nodeFilesystemFilesFree, nodes)} / ${disk(EXPORTERS.nodeFilesystemFiles, nodes)}`,
        nodes,
      ),
    },
    max: 1,
    bound: { below: BOUNDS.nodeInodes, alert: 'NodeInodesLow' },
  })

export const diskBusy = (nodes: Nodes) =>
  graph({
    title: 'Disk utilisation',
    shows: 'Share of the time in which each disk had requests to serve.',
    worry: 'Near 100% a spinning disk is saturated; an SSD serves many requests at once and may still have capacity.',
    unit: PercentUnit,
    queries: {
      '{{instance}} {{device}}': `max by (instance, device) (${rate(select(EXPORTERS.nodeDiskBusy, nodes))})`,
    },
    max: 1,
  })

export const network = (nodes: Nodes) =>
  graph({
    title: 'Network traffic',
    shows: 'Bytes per second that each node receives from and sends to other machines.',
    worry: 'Worry near the limit of the link, and at a fall to 0 under load: no client reaches the node.',
    unit: BytesPerSecondIEC,
    softMax: 2 ** 20, // at rest, some bytes are no peak
    queries: {
      '{{instance}} received': networkRate(
        EXPORTERS.nodeNetworkReceived,
        CLUSTER_METRICS.containerNetworkReceived,
        nodes,
      ),
      '{{instance}} sent': networkRate(EXPORTERS.nodeNetworkSent, CLUSTER_METRICS.containerNetworkSent, nodes),
    },
  })

export const pressure = (nodes: Nodes) =>
  graph({
    title: 'Pressure',
    shows: 'Share of the time in which a process waited for CPU, memory or a disk (PSI of the kernel).',
    worry: 'Any pressure on memory is bad; pressure on CPU rises before latency does.',
    unit: PercentUnit,
    queries: {
      '{{instance}} CPU': ratePerNode(EXPORTERS.nodePressureCPU, nodes),
      '{{instance}} memory': ratePerNode(EXPORTERS.nodePressureMemory, nodes),
      '{{instance}} disk': ratePerNode(EXPORTERS.nodePressureIO, nodes),
    },
    max: 1,
  })

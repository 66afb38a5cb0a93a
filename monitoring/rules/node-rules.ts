import { BOUNDS, MIN_HISTORY, PREDICTION } from '../objectives.ts'
import { type Profile, secondsOf } from '../profiles.ts'
import { type GroupAlert, type RecordingRule, select } from '../rule.ts'
import { EXPORTERS, JOBS } from '../targets.ts'

const job = JOBS.node
const node = (metric: string, labels = {}) => select(metric, { job, ...labels })

/** Labels of filesystems that store data and can fill up. No mount point is named: on kind, `/` is not mounted. */
export const disks = { job, fstype: '!~tmpfs|ramfs|squashfs|iso9660' }

/** Names of the node's recording rules. */
const recorded = ({ window }: Profile) => ({
  cpu: `instance:node_cpu_utilisation:rate${window}`,
  memory: 'instance:node_memory_utilisation:ratio',
  storage: 'instance_device:node_filesystem_avail:ratio',
  inodes: 'instance_device:node_filesystem_files_free:ratio',
  load: 'instance:node_load1_per_cpu:ratio',
})

/** CPU and memory usage, available storage and free inodes as ratios from 0 to 1, and the load average for each CPU. */
export function nodeRecordingRules(profile: Profile): RecordingRule[] {
  const names = recorded(profile)
  const cpuTime = (labels = {}) =>
    `sum by (job, instance) (rate(${node(EXPORTERS.nodeCPU, labels)}[${profile.window}]))`
  // Without the labels of the exporter's pod: a new pod must not begin a new series, and two pods at once must not
  // count twice.
  const ofNode = (metric: string) => `max by (job, instance) (${node(metric)})`
  const writable = `${select(EXPORTERS.nodeFilesystemReadonly, disks)} == 0`
  // A device may be mounted at several mount points.
  const ofDevice = (part: string, all: string) =>
    `min by (job, instance, device) (${select(part, disks)} / ${select(all, disks)} and ${writable})`

  return [
    // A ratio of sums: where a pod of the exporter has only a part of the window, both sums have this part.
    { record: names.cpu, expr: `1 - ${cpuTime({ mode: '=~idle|iowait' })} / ${cpuTime()}` },
    {
      record: names.memory,
      expr: `1 - ${ofNode(EXPORTERS.nodeMemoryAvailable)} / ${ofNode(EXPORTERS.nodeMemoryTotal)}`,
    },
    { record: names.storage, expr: ofDevice(EXPORTERS.nodeFilesystemAvailable, EXPORTERS.nodeFilesystemSize) },
    { record: names.inodes, expr: ofDevice(EXPORTERS.nodeFilesystemFilesFree, EXPORTERS.nodeFilesystemFiles) },
    {
      record: names.load,
      expr: `${ofNode(EXPORTERS.nodeLoad)} / count by (job, instance) (count by (job, instance, cpu) (${node(EXPORTERS.nodeCPU, { mode: 'idle' })}))`,
    },
  ]
}

/** Alerts on storage and inodes. */
function filesystemAlerts(profile: Profile): GroupAlert[] {
  const names = recorded(profile)
  const { for: duration } = profile
  const { from, ahead } = PREDICTION
  const availableAt = (offset = '') =>
    `min by (job, instance, device) (${select(EXPORTERS.nodeFilesystemAvailable, disks)}${offset})`
  const history = `${(secondsOf(from) * MIN_HISTORY) / 3600}h`
  const predicted = `predict_linear((${availableAt()})[${from}:5m], ${secondsOf(ahead)}) < 0 and ${availableAt(` offset ${history}`)}`
  /** What the description of an alert on a device says first. */
  const ofDevice = '{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.device }} is available'
  return [
    {
      name: 'NodeStorageLow',
      severity: 'warning',
      expr: `${names.storage} < ${BOUNDS.nodeStorage}`,
      for: duration.node,
      summary: 'A filesystem of a node is running out of space.',
      description: `${ofDevice}; it has been below the bound of ${BOUNDS.nodeStorage * 100}% for at least ${duration.node}. Kubernetes may evict pods from this node; when the filesystem is full, monitoring and logs stop. First step: find what uses the space.`,
    },
    {
      name: 'NodeStorageAlmostFull',
      severity: 'critical',
      expr: `${names.storage} < ${BOUNDS.nodeStorageLast}`,
      for: duration.degradation,
      summary: 'A filesystem of a node is almost full.',
      description: `${ofDevice}; it has been below the bound of ${BOUNDS.nodeStorageLast * 100}% for at least ${duration.degradation}. Writes are about to fail, Kubernetes evicts pods, and Prometheus may stop. First step: free space now.`,
      inhibits: [{ alerts: ['NodeStorageLow', 'NodeStorageFillingUp'], equal: ['job', 'instance', 'device'] }],
    },
    {
      name: 'NodeStorageFillingUp',
      severity: 'warning',
      expr: `${names.storage} < ${BOUNDS.nodeStorageFilling} and ${predicted}`,
      for: duration.node,
      summary: `A filesystem of a node will be full within ${ahead}.`,
      description: `${ofDevice}, below the bound of ${BOUNDS.nodeStorageFilling * 100}%, and at the rate of the last ${from} none will be available in ${ahead}. This has been so for at least ${duration.node}. Users notice nothing yet. First step: find the process that writes.`,
    },
    {
      name: 'NodeInodesLow',
      severity: 'warning',
      expr: `${names.inodes} < ${BOUNDS.nodeInodes}`,
      for: duration.node,
      summary: 'A filesystem of a node is running out of inodes.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of the inodes of {{ $labels.device }} are free; the ratio has been below the bound of ${BOUNDS.nodeInodes * 100}% for at least ${duration.node}. Without a free inode no file can be created, even if space is available. First step: find the folder with the most files.`,
    },
  ]
}

/** Alerts on CPU, memory and storage of the nodes. */
export function nodeAlerts(profile: Profile): GroupAlert[] {
  const names = recorded(profile)
  const { window, for: duration } = profile
  return [
    {
      name: 'NodeCPUHigh',
      severity: 'warning',
      expr: `${names.cpu} > ${BOUNDS.nodeCPU}`,
      for: duration.node,
      summary: 'The CPU usage of a node is high.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of the CPU time was in use over the last ${window}; the usage has been above the bound of ${BOUNDS.nodeCPU * 100}% for at least ${duration.node}. Everything on this node may become slow. First step: find the process that uses the CPU.`,
    },
    {
      name: 'NodeMemoryHigh',
      severity: 'warning',
      expr: `${names.memory} > ${BOUNDS.nodeMemory}`,
      for: duration.node,
      summary: 'The memory usage of a node is high.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of the memory is in use; the usage has been above the bound of ${BOUNDS.nodeMemory * 100}% for at least ${duration.node}. When memory runs out, replicas are killed and their requests are lost. First step: find the process that uses the memory.`,
    },
    {
      name: 'NodeLoadHigh',
      severity: 'warning',
      expr: `${names.load} > ${BOUNDS.nodeLoad}`,
      for: duration.node,
      summary: 'The load average of a node is high.',
      description: `{{ $labels.instance }}: the load average over 1m is {{ $value | humanize }} processes for each CPU; it has been above the bound of ${BOUNDS.nodeLoad} for at least ${duration.node}. Everything on this node becomes slow. First step: check whether the processes wait for the CPU or for a disk.`,
    },
    ...filesystemAlerts(profile),
  ]
}

import { BOUNDS, PREDICTION } from '../objectives.ts'
import { type Profile, secondsOf } from '../profiles.ts'
import { type Alert, type RecordingRule, select } from '../rule.ts'
import { EXPORTERS, JOBS } from '../targets.ts'

const job = JOBS.node

/** Filesystems that hold no data of their own, or cannot fill up. No mount point is named: on kind, `/` is not there. */
export const disks = { job, fstype: '!~tmpfs|ramfs|squashfs|iso9660' }

/** Names of the node's recording rules. */
const recorded = ({ window }: Profile) => ({
  cpu: `instance:node_cpu_utilisation:rate${window}`,
  memory: 'instance:node_memory_utilisation:ratio',
  storage: 'instance_device:node_filesystem_avail:ratio',
  inodes: 'instance_device:node_filesystem_files_free:ratio',
  load: 'instance:node_load1_per_cpu:ratio',
})

/** CPU and memory in use, available storage and free inodes of the node, as ratios from 0 to 1, and its load for each CPU. */
export function nodeRecordingRules(profile: Profile): RecordingRule[] {
  const names = recorded(profile)
  const idle = select(EXPORTERS.nodeCPU, { job, mode: '=~idle|iowait' })
  const available = select(EXPORTERS.nodeMemoryAvailable, { job })
  const total = select(EXPORTERS.nodeMemoryTotal, { job })
  const share = (part: string, all: string) => `${select(part, disks)} / ${select(all, disks)}`
  const writable = `${select(EXPORTERS.nodeFilesystemReadonly, disks)} == 0`

  return [
    {
      record: names.cpu,
      expr: `1 - avg by (job, instance) (sum without (mode) (rate(${idle}[${profile.window}])))`,
    },
    { record: names.memory, expr: `1 - ${available} / ${total}` },
    // one device may be mounted in many places
    ...[
      { record: names.storage, free: share(EXPORTERS.nodeFilesystemAvailable, EXPORTERS.nodeFilesystemSize) },
      { record: names.inodes, free: share(EXPORTERS.nodeFilesystemFilesFree, EXPORTERS.nodeFilesystemFiles) },
    ].map(({ record, free }) => ({ record, expr: `min by (job, instance, device) (${free} and ${writable})` })),
    {
      record: names.load,
      expr: `${select(EXPORTERS.nodeLoad, { job })} / on (job, instance) count by (job, instance) (${select(EXPORTERS.nodeCPU, { job, mode: 'idle' })})`,
    },
  ]
}

/** What makes the node page somebody. */
export function nodeAlerts(profile: Profile): Alert[] {
  const names = recorded(profile)
  const { window, for: duration } = profile
  const available = select(EXPORTERS.nodeFilesystemAvailable, disks)
  const { from, ahead } = PREDICTION
  // of a line through minutes nothing can be foretold: half of the time must be there
  const foretold = `predict_linear(${available}[${from}], ${secondsOf(ahead)}) and ${available} offset ${secondsOf(from) / 7200}h`

  return [
    {
      name: 'NodeCPUHigh',
      severity: 'warning',
      area: 'node',
      expr: `${names.cpu} > ${BOUNDS.nodeCPU}`,
      for: duration.node,
      summary: 'A node is short of CPU.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of its CPU time was in use over the last ${window}; the bound is ${BOUNDS.nodeCPU * 100}%.`,
    },
    {
      name: 'NodeMemoryHigh',
      severity: 'warning',
      area: 'node',
      expr: `${names.memory} > ${BOUNDS.nodeMemory}`,
      for: duration.node,
      summary: 'A node is short of memory.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of its memory is in use; the bound is ${BOUNDS.nodeMemory * 100}%.`,
    },
    {
      name: 'NodeLoadHigh',
      severity: 'warning',
      area: 'node',
      expr: `${names.load} > ${BOUNDS.nodeLoad}`,
      for: duration.node,
      summary: 'More runs on a node than its CPUs can.',
      description: `{{ $labels.instance }}: {{ $value | humanize }} processes run or wait for each CPU, on average of a minute; the bound is ${BOUNDS.nodeLoad}. Everything on it takes longer.`,
    },
    {
      name: 'NodeStorageLow',
      severity: 'warning',
      area: 'node',
      expr: `${names.storage} < ${BOUNDS.nodeStorage}`,
      for: duration.node,
      summary: 'A filesystem of a node is almost full.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.device }} is still available; the bound is ${BOUNDS.nodeStorage * 100}%.`,
    },
    {
      name: 'NodeStorageAlmostFull',
      severity: 'critical',
      area: 'node',
      expr: `${names.storage} < ${BOUNDS.nodeStorageLast}`,
      for: duration.degradation,
      summary: 'A filesystem of a node is full, or as good as.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.device }} is still available; the bound is ${BOUNDS.nodeStorageLast * 100}%. Soon writes fail, and pods are evicted.`,
      inhibits: { alerts: ['NodeStorageLow', 'NodeStorageFillingUp'], equal: ['instance', 'device'] },
    },
    {
      name: 'NodeStorageFillingUp',
      severity: 'warning',
      area: 'node',
      expr: `${names.storage} < ${BOUNDS.nodeStorageFilling} and min by (job, instance, device) (${foretold}) < 0`,
      for: duration.node,
      summary: 'A filesystem of a node will soon be full.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.device }} is still available (the bound is ${BOUNDS.nodeStorageFilling * 100}%), and at the pace of the last ${from} none will be in ${ahead}.`,
    },
    {
      name: 'NodeInodesLow',
      severity: 'warning',
      area: 'node',
      expr: `${names.inodes} < ${BOUNDS.nodeInodes}`,
      for: duration.node,
      summary: 'A filesystem of a node has almost no inodes left.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of the inodes of {{ $labels.device }} are still free; the bound is ${BOUNDS.nodeInodes * 100}%. Without one no file can be made, however much storage there is.`,
    },
  ]
}

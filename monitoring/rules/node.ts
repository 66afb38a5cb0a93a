import { BOUNDS } from '../objectives.ts'
import type { Profile } from '../profiles.ts'
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
})

/** CPU and memory in use and available storage of the node, as ratios from 0 to 1. */
export function nodeRecordingRules(profile: Profile): RecordingRule[] {
  const names = recorded(profile)
  const idle = select(EXPORTERS.nodeCPU, { job, mode: '=~idle|iowait' })
  const available = select(EXPORTERS.nodeMemoryAvailable, { job })
  const total = select(EXPORTERS.nodeMemoryTotal, { job })
  const free = `${select(EXPORTERS.nodeFilesystemAvailable, disks)} / ${select(EXPORTERS.nodeFilesystemSize, disks)}`
  const writable = `${select(EXPORTERS.nodeFilesystemReadonly, disks)} == 0`

  return [
    {
      record: names.cpu,
      expr: `1 - avg by (job, instance) (sum without (mode) (rate(${idle}[${profile.window}])))`,
    },
    { record: names.memory, expr: `1 - ${available} / ${total}` },
    // one device may be mounted in many places
    { record: names.storage, expr: `min by (job, instance, device) (${free} and ${writable})` },
  ]
}

/** What makes the node page somebody. */
export function nodeAlerts(profile: Profile): Alert[] {
  const names = recorded(profile)
  const { window, for: duration } = profile

  return [
    {
      name: 'NodeCPUHigh',
      severity: 'warning',
      expr: `${names.cpu} > ${BOUNDS.nodeCPU}`,
      for: duration.node,
      summary: 'A node is short of CPU.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of its CPU time was in use over the last ${window}; the bound is ${BOUNDS.nodeCPU * 100}%.`,
    },
    {
      name: 'NodeMemoryHigh',
      severity: 'warning',
      expr: `${names.memory} > ${BOUNDS.nodeMemory}`,
      for: duration.node,
      summary: 'A node is short of memory.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of its memory is in use; the bound is ${BOUNDS.nodeMemory * 100}%.`,
    },
    {
      name: 'NodeStorageLow',
      severity: 'warning',
      expr: `${names.storage} < ${BOUNDS.nodeStorage}`,
      for: duration.node,
      summary: 'A filesystem of a node is almost full.',
      description: `{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.device }} is still available; the bound is ${BOUNDS.nodeStorage * 100}%.`,
    },
  ]
}

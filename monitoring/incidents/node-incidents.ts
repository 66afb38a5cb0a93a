import { type Profile, secondsOf } from '../profiles.ts'
import { EXPORTERS } from '../targets.ts'
import type { BoundCase, Incident, Silence } from './incidents.ts'
import {
  counter,
  DISK_LABELS,
  gauge,
  type InputSeries,
  incident,
  type Labels,
  mapStretches,
  NODE_LABELS,
  SCRAPES,
  type Stretches,
  steady,
  withReplacedExporters,
} from './input-series.ts'

const WARNING = { severity: 'warning', area: 'node' }
const CRITICAL = { severity: 'critical', area: 'node' }
const DEVICE = { ...NODE_LABELS, device: DISK_LABELS.device }

/** A node with two CPUs that are idle, or wait for their disks, for this ratio of the time. */
function idleCPUs({ scrapeInterval }: Profile, ratio: Stretches): InputSeries[] {
  const seconds = secondsOf(scrapeInterval)
  const half = mapStretches(ratio, value => (value * seconds) / 2)
  const modes = { idle: half, iowait: half, user: mapStretches(ratio, value => (1 - value) * seconds) }
  return ['0', '1'].flatMap(cpu =>
    Object.entries(modes).map(([mode, each]) => counter(EXPORTERS.nodeCPU, { ...NODE_LABELS, cpu, mode }, each)),
  )
}

/** A node with two CPUs and a load average. */
const load = (profile: Profile, processes: Stretches) => [
  ...idleCPUs(profile, steady(0.6)),
  gauge(EXPORTERS.nodeLoad, NODE_LABELS, processes),
]

/** A node with 1000 bytes of memory. */
const availableMemory = (available: Stretches) => [
  gauge(EXPORTERS.nodeMemoryAvailable, NODE_LABELS, available),
  gauge(EXPORTERS.nodeMemoryTotal, NODE_LABELS, steady(1000)),
]

/** A filesystem of 1000 bytes. */
const availableStorage = (available: Stretches, labels: Labels = DISK_LABELS, readonly = 0) => [
  gauge(EXPORTERS.nodeFilesystemAvailable, labels, available),
  gauge(EXPORTERS.nodeFilesystemSize, labels, steady(1000)),
  gauge(EXPORTERS.nodeFilesystemReadonly, labels, steady(readonly)),
]

/**
 * Available bytes that begin at `begin`, fall by `by` at each scrape before the scrape `until`, and are `after` from
 * then on.
 */
const falling = (begin: number, by: number, until: number, after: number) =>
  Array.from({ length: SCRAPES }, (_, scrape) => [scrape < until ? begin - by * scrape : after, 1] as const)

/** A filesystem with 1000 inodes. */
const freeInodes = (free: Stretches) => [
  gauge(EXPORTERS.nodeFilesystemFilesFree, DISK_LABELS, free),
  gauge(EXPORTERS.nodeFilesystemFiles, DISK_LABELS, steady(1000)),
  gauge(EXPORTERS.nodeFilesystemReadonly, DISK_LABELS, steady(0)),
]

function storageIncidents({ name, for: duration }: Profile): Incident[] {
  const fillingUp = {
    alert: 'NodeStorageFillingUp',
    interval: '5m',
    labels: { ...DEVICE, ...WARNING },
    description: `node-1:9100: ${name === 'production' ? '13' : '14.5'}% of /dev/sda1 is available, below the bound of 15%, and at the rate of the last 6h none will be available in 24h. This has been so for at least ${duration.node}. Users notice nothing yet. First step: find the process that writes.`,
  } as const
  return [
    {
      alert: 'NodeStorageLow',
      name: 'a twentieth is available, on a device that is mounted twice',
      input: ['/data', '/again'].flatMap(mountpoint =>
        availableStorage(incident(500, 50, 110), { ...DISK_LABELS, mountpoint }),
      ),
      labels: { ...DEVICE, ...WARNING },
      firing: { production: [90, 140], drill: [34, 140] },
      description: `node-1:9100: 5% of /dev/sda1 is available; it has been below the bound of 10% for at least ${duration.node}. Kubernetes may evict pods from this node; when the filesystem is full, monitoring and logs stop. First step: find what uses the space.`,
    },
    {
      alert: 'NodeStorageAlmostFull',
      name: 'a fiftieth is available',
      input: availableStorage(incident(500, 20)),
      labels: { ...DEVICE, ...CRITICAL },
      firing: { production: [38, 70], drill: [32, 70] },
      description: `node-1:9100: 2% of /dev/sda1 is available; it has been below the bound of 3% for at least ${duration.degradation}. Writes are about to fail, Kubernetes evicts pods, and Prometheus may stop. First step: free space now.`,
    },
    {
      ...fillingUp,
      name: 'hours of writing',
      // 15 % is available after 44 scrapes; at this rate it lasts for 2.5 hours.
      input: availableStorage(falling(370, 5, 70, 370)),
      firing: { production: [48, 70], drill: [45 + 20 / 300, 70] },
    },
    {
      ...fillingUp,
      name: 'hours of writing that have ended',
      // After 61 level scrapes, the line through 72 scrapes (least squares) is above zero in a day.
      input: availableStorage(falling(370, 5, 50, 120)),
      firing: { production: [48, 110], drill: [45 + 20 / 300, 110] },
    },
    {
      alert: 'NodeInodesLow',
      name: 'a twenty-fifth is free',
      input: freeInodes(incident(500, 40, 110)),
      labels: { ...DEVICE, ...WARNING },
      firing: { production: [90, 140], drill: [34, 140] },
      description: `node-1:9100: 4% of the inodes of /dev/sda1 are free; the ratio has been below the bound of 5% for at least ${duration.node}. Without a free inode no file can be created, even if space is available. First step: find the folder with the most files.`,
    },
  ]
}

const incidentsOfOneExporter = (profile: Profile): Incident[] => [
  {
    alert: 'NodeCPUHigh',
    name: 'no CPU is idle',
    input: idleCPUs(profile, incident(0.6, 0, 110)),
    labels: { ...NODE_LABELS, ...WARNING },
    // Less than a tenth of the window is idle after 16 busy increases, in a drill after 5.
    firing: { production: [105, 143], drill: [38, 140] },
    description: `node-1:9100: 100% of the CPU time was in use over the last ${profile.window}; the usage has been above the bound of 90% for at least ${profile.for.node}. Everything on this node may become slow. First step: find the process that uses the CPU.`,
  },
  {
    alert: 'NodeCPUHigh',
    name: 'a node is new, and soon no CPU is idle',
    // 86 % of the time is in use until scrape 8, all from scrape 9 on, and 40 % from scrape 125 on. Less than a tenth
    // of the time since scrape 0 is idle in scrape 12, in a drill in scrape 10 (less than a tenth of the window).
    input: idleCPUs(profile, [
      [0.14, 9],
      [0, 116],
      [0.6, 75],
    ]),
    labels: { ...NODE_LABELS, ...WARNING },
    firing: { production: [72, 128], drill: [14, 125] },
    description: `node-1:9100: 100% of the CPU time was in use over the last ${profile.window}; the usage has been above the bound of 90% for at least ${profile.for.node}. Everything on this node may become slow. First step: find the process that uses the CPU.`,
  },
  {
    alert: 'NodeMemoryHigh',
    name: 'a twentieth is available',
    input: availableMemory(incident(500, 50, 110)),
    labels: { ...NODE_LABELS, ...WARNING },
    firing: { production: [90, 140], drill: [34, 140] },
    description: `node-1:9100: 95% of the memory is in use; the usage has been above the bound of 90% for at least ${profile.for.node}. When memory runs out, replicas are killed and their requests are lost. First step: find the process that uses the memory.`,
  },
  ...storageIncidents(profile),
  {
    alert: 'NodeLoadHigh',
    name: 'five processes on two CPUs',
    input: load(profile, incident(1, 5, 110)),
    labels: { ...NODE_LABELS, ...WARNING },
    firing: { production: [90, 140], drill: [34, 140] },
    description: `node-1:9100: the load average over 1m is 2.5 processes for each CPU; it has been above the bound of 2 for at least ${profile.for.node}. Everything on this node becomes slow. First step: check whether the processes wait for the CPU or for a disk.`,
  },
]

/** Each incident as one pod of the exporter reports it, and as pods that replace one another do. */
export const nodeIncidents = (profile: Profile): Incident[] =>
  incidentsOfOneExporter(profile).flatMap(each => [each, withReplacedExporters(each, 'pod')])

export const nodeBounds = (profile: Profile): BoundCase[] => [
  { alert: 'NodeCPUHigh', inside: idleCPUs(profile, steady(0.11)), outside: idleCPUs(profile, steady(0.09)) },
  { alert: 'NodeMemoryHigh', inside: availableMemory(steady(101)), outside: availableMemory(steady(99)) },
  { alert: 'NodeStorageLow', inside: availableStorage(steady(101)), outside: availableStorage(steady(99)) },
  { alert: 'NodeStorageAlmostFull', inside: availableStorage(steady(31)), outside: availableStorage(steady(29)) },
  { alert: 'NodeInodesLow', inside: freeInodes(steady(51)), outside: freeInodes(steady(49)) },
  { alert: 'NodeLoadHigh', inside: load(profile, steady(4)), outside: load(profile, steady(4.1)) },
]

export const nodeSilences: readonly Silence[] = [
  {
    alert: 'NodeStorageLow',
    name: 'a full tmpfs',
    input: availableStorage(steady(1), { ...DISK_LABELS, fstype: 'tmpfs' }),
  },
  { alert: 'NodeStorageLow', name: 'a full read-only device', input: availableStorage(steady(1), DISK_LABELS, 1) },
  {
    alert: 'NodeStorageFillingUp',
    name: 'hours of writing to a tmpfs with the same device name',
    interval: '5m',
    input: [
      ...availableStorage(steady(100)),
      ...availableStorage(falling(370, 2, 185, 0), { ...DISK_LABELS, fstype: 'tmpfs', mountpoint: '/run' }),
    ],
  },
  {
    alert: 'NodeStorageFillingUp',
    name: 'minutes of writing, which are too few samples for a prediction',
    input: availableStorage(falling(149, 0.7, 199, 149)),
  },
  {
    // The kubelet deletes images at 85 % usage, until 80 % is used; images fill 5 % in an hour.
    alert: 'NodeStorageFillingUp',
    name: 'the kubelet keeps a filesystem between 80 and 85 % used',
    interval: '5m',
    input: availableStorage([
      ...falling(600, 5, 90, 0).slice(0, 90),
      ...Array.from({ length: SCRAPES - 90 }, (_, scrape) => [200 - (50 * (scrape % 13)) / 12, 1] as const),
    ]),
  },
]

import { type Profile, secondsOf } from '../profiles.ts'
import { EXPORTERS } from '../targets.ts'
import type { AlertCases } from './incidents.ts'
import { counter, gauge, type InputSeries, type Labels } from './input-series.ts'
import { DISK_LABELS, NODE_LABELS } from './labels.ts'
import { incident, mapStretches, SCRAPES, type Stretches, sequence, steady } from './stretches.ts'

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

/** Available bytes that fall from `begin` by `by` at each scrape before the scrape `until`, and are `after` from then on. */
const falling = (begin: number, by: number, until: number, after: number) =>
  Array.from({ length: SCRAPES }, (_, scrape) => [scrape < until ? begin - by * scrape : after, 1] as const)

/** A filesystem with 1000 inodes. */
const freeInodes = (free: Stretches) => [
  gauge(EXPORTERS.nodeFilesystemFilesFree, DISK_LABELS, free),
  gauge(EXPORTERS.nodeFilesystemFiles, DISK_LABELS, steady(1000)),
  gauge(EXPORTERS.nodeFilesystemReadonly, DISK_LABELS, steady(0)),
]

const firing = { production: [90, 140], drill: [34, 140] } as const
const TMPFS = { ...DISK_LABELS, fstype: 'tmpfs' }

const storageCases = ({ name }: Profile): AlertCases[] => [
  {
    alert: 'NodeStorageLow',
    labels: DEVICE,
    value: '5%',
    incidents: {
      'a twentieth is available, on a device that is mounted twice': {
        input: ['/data', '/again'].flatMap(mountpoint =>
          availableStorage(incident(500, 50, 110), { ...DISK_LABELS, mountpoint }),
        ),
        firing,
      },
    },
    bounds: [[availableStorage(steady(101)), availableStorage(steady(99))]],
    silences: {
      'a full tmpfs': availableStorage(steady(1), TMPFS),
      'a full read-only device': availableStorage(steady(1), DISK_LABELS, 1),
    },
  },
  {
    alert: 'NodeStorageAlmostFull',
    labels: DEVICE,
    value: '2%',
    incidents: {
      'a fiftieth is available': {
        input: availableStorage(incident(500, 20)),
        firing: { production: [38, 70], drill: [32, 70] },
      },
    },
    bounds: [[availableStorage(steady(31)), availableStorage(steady(29))]],
  },
  {
    alert: 'NodeStorageFillingUp',
    interval: '5m',
    labels: DEVICE,
    value: name === 'production' ? '13%' : '14.5%',
    incidents: {
      // 15 % is available after 44 scrapes; at this rate it lasts for 2.5 hours.
      'hours of writing': {
        input: availableStorage(falling(370, 5, 70, 370)),
        firing: { production: [48, 70], drill: [45 + 20 / 300, 70] },
      },
      // After 61 level scrapes, the line through 72 scrapes (least squares) is above zero in a day.
      'hours of writing that have ended': {
        input: availableStorage(falling(370, 5, 50, 120)),
        firing: { production: [48, 110], drill: [45 + 20 / 300, 110] },
      },
    },
    silences: {
      'hours of writing to a tmpfs with the same device name': [
        ...availableStorage(steady(100)),
        ...availableStorage(falling(370, 2, 185, 0), { ...TMPFS, mountpoint: '/run' }),
      ],
      // The kubelet deletes images at 85 % usage, until 80 % is used; images fill 5 % in an hour.
      'the kubelet keeps a filesystem between 80 and 85 % used': availableStorage([
        ...falling(600, 5, 90, 0).slice(0, 90),
        ...Array.from({ length: SCRAPES - 90 }, (_, scrape) => [200 - (50 * (scrape % 13)) / 12, 1] as const),
      ]),
    },
  },
  {
    alert: 'NodeStorageFillingUp',
    silences: {
      'minutes of writing, which are too few samples for a prediction': availableStorage(falling(149, 0.7, 199, 149)),
    },
  },
  {
    alert: 'NodeInodesLow',
    labels: DEVICE,
    value: '4%',
    incidents: { 'a twenty-fifth is free': { input: freeInodes(incident(500, 40, 110)), firing } },
    bounds: [[freeInodes(steady(51)), freeInodes(steady(49))]],
  },
]

const loadCases = (profile: Profile): AlertCases[] => [
  {
    alert: 'NodeCPUHigh',
    labels: NODE_LABELS,
    value: '100%',
    incidents: {
      // Less than a tenth of the window is idle after 16 busy increases, in a drill after 5.
      'no CPU is idle': {
        input: idleCPUs(profile, incident(0.6, 0, 110)),
        firing: { production: [105, 143], drill: [38, 140] },
      },
      // 86 % of the time is in use until scrape 8, all from scrape 9 on, and 40 % from scrape 125 on. Less than a tenth
      // of the time since scrape 0 is idle in scrape 12, in a drill in scrape 10 (less than a tenth of the window).
      'a node is new, and soon no CPU is idle': {
        input: idleCPUs(profile, sequence([0.14, 9], [0, 116], [0.6, 75])),
        firing: { production: [72, 128], drill: [14, 125] },
      },
    },
    bounds: [[idleCPUs(profile, steady(0.11)), idleCPUs(profile, steady(0.09))]],
  },
  {
    alert: 'NodeMemoryHigh',
    labels: NODE_LABELS,
    value: '95%',
    incidents: { 'a twentieth is available': { input: availableMemory(incident(500, 50, 110)), firing } },
    bounds: [[availableMemory(steady(101)), availableMemory(steady(99))]],
  },
  {
    alert: 'NodeLoadHigh',
    labels: NODE_LABELS,
    value: '2.5',
    incidents: { 'five processes on two CPUs': { input: load(profile, incident(1, 5, 110)), firing } },
    bounds: [[load(profile, steady(4)), load(profile, steady(4.1))]],
  },
]

export const nodeCases = (profile: Profile): AlertCases[] =>
  [...loadCases(profile), ...storageCases(profile)].map(cases => ({ ...cases, exporterLabel: 'pod' }))

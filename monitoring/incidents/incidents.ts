import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import type { Duration, Profile } from '../profiles.ts'
import { CLUSTER_JOBS, CLUSTER_METRICS, EXPORTERS, JOBS } from '../targets.ts'
import { pipelineIncidents } from './incidents-pipeline.ts'
import { workloadBounds, workloadIncidents, workloadPeace } from './incidents-workload.ts'
import { gauge, type InputSeries, type Stretch } from './promtool.ts'
import * as series from './series.ts'
import { DISK, incident, NODE, PROBE, replica, SERVICE, steady } from './series.ts'

/** In scrapes since the beginning: the first at which an alert fires, and the first at which it has cleared. */
type Life = readonly [fires: number, clears: number]

/** An alert at its incident. */
export interface Incident {
  readonly alert: string
  readonly name: string
  readonly input: readonly InputSeries[]
  /** Between two scrapes, where it is not the profile's: what is foretold takes hours. */
  readonly interval?: Duration
  readonly labels: Readonly<Record<string, string>>
  readonly production: Life
  readonly drill: Life
  /** What the description says at the first evaluation at which it fires. */
  readonly says: string
}

const success = (values: Stretch[]) => gauge(EXPORTERS.probeSuccess, PROBE, values)
const duration = (values: Stretch[]) => gauge(EXPORTERS.probeDuration, PROBE, values)
const up = replica(steady(1))

const { labels } = catalogue.exceptions

const POD = { namespace: 'tipping-point', pod: 'tipping-point-1' }

/** That a pod was told to go, as one job tells. */
const told = (pod: typeof POD, job: string, values: Stretch<number | 'stale'>[]) =>
  gauge(CLUSTER_METRICS.podDeletion, { job, ...pod }, values)

const ABSENT =
  'Prometheus has no target with job="tipping-point" that answers. Either nothing runs, or it hangs, or it is not discovered. Users get nothing.'

/** The same of another job, which is none of this project's business. */
const elsewhere = (input: InputSeries): InputSeries => ({
  ...input,
  series: input.series.replace(`job="${JOBS.service}"`, 'job="elsewhere"'),
})

/** Seconds after which the probe's answer counts as none. */
const LATE = 4 * OBJECTIVE_BOUND

/** As Prometheus writes less than a second for people. */
const milliseconds = (seconds: number) => `${Number((seconds * 1000).toPrecision(4))}ms`

const unresponsive = (instance: string, job: string) =>
  `${instance} (${job}): the outside probe fails or takes more than ${LATE} s for a trivial answer, or the replica cannot be scraped. Users wait or get nothing.`

/** The times are worked out by hand from the window (20 scrapes, so 19 rises; in a drill 6 and 5) and from `for`. */
export function incidents(profile: Profile): Incident[] {
  const inProduction = profile.name === 'production'
  const window = inProduction ? '5m' : '30s'
  const silence = inProduction
    ? '0.07 requests/s over the last 5m: no more than the outside probe sends (the bound is 0.13), and there were others in the last 1h. The service is fine: users do not reach it, or have gone.'
    : '0.20 requests/s over the last 30s: no more than the outside probe sends (the bound is 0.4), and there were others in the last 5m. The service is fine: users do not reach it, or have gone.'
  return [
    {
      alert: 'ServiceUnresponsive',
      name: 'the probe fails',
      input: [success(incident(1, 0)), up],
      labels: { ...PROBE, severity: 'critical', area: 'service' },
      production: [34, 70],
      drill: [32, 70],
      says: unresponsive('http://service/factors/97', 'tipping-point-probe'),
    },
    {
      alert: 'ServiceUnresponsive',
      name: 'the probe is late, then fails',
      input: [
        duration([
          [0.9 * LATE, 30],
          [1.1 * LATE, 1],
          [5 * LATE, 39],
          [0.9 * LATE, 60],
        ]),
        success([
          [1, 31],
          [0, 39],
          [1, 60],
        ]),
        up,
      ],
      labels: { ...PROBE, severity: 'critical', area: 'service' },
      production: [34, 70],
      drill: [32, 70],
      says: unresponsive('http://service/factors/97', 'tipping-point-probe'),
    },
    {
      alert: 'ServiceUnresponsive',
      name: 'a replica cannot be scraped',
      input: [replica(incident(1, 0))],
      labels: { ...SERVICE, severity: 'critical', area: 'service' },
      production: [34, 70],
      drill: [32, 70],
      says: unresponsive('replica-1:9464', 'tipping-point'),
    },
    {
      // the last that was heard of it is of scrape 29: an excuse for a minute, 4 scrapes, in a drill 12
      alert: 'ServiceUnresponsive',
      name: 'a pod is gone, and still asked: for a minute it has an excuse, which is its own',
      input: [
        gauge(EXPORTERS.up, { ...SERVICE, ...POD }, incident(1, 0)),
        told(POD, CLUSTER_JOBS.kubeState, [
          [1, 30],
          ['stale', 170],
        ]),
        told({ ...POD, pod: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
        told({ ...POD, namespace: 'another' }, CLUSTER_JOBS.kubeState, steady(1)),
        told(POD, 'other', steady(1)),
      ],
      labels: { ...SERVICE, ...POD, severity: 'critical', area: 'service' },
      production: [37, 70],
      drill: [43, 70],
      says: unresponsive('replica-1:9464', 'tipping-point'),
    },
    {
      alert: 'ServiceAbsent',
      name: 'the last target goes away',
      input: [replica(incident<number | 'stale'>(1, 'stale'))],
      labels: { job: JOBS.service, severity: 'critical', area: 'service' },
      production: [34, 70],
      drill: [32, 70],
      says: ABSENT,
    },
    {
      alert: 'ServiceAbsent',
      name: 'no replica answers',
      input: [replica(incident(1, 0)), gauge(EXPORTERS.up, { ...SERVICE, instance: 'replica-2:9464' }, incident(1, 0))],
      labels: { job: JOBS.service, severity: 'critical', area: 'service' },
      production: [34, 70],
      drill: [32, 70],
      says: ABSENT,
    },
    {
      alert: 'NoTraffic',
      name: 'only the probe is left',
      input: [series.answers('200', incident(1000, 1)), up, elsewhere(series.answers('200', incident(1000, 1)))],
      labels: { job: JOBS.service, severity: 'warning', area: 'service' },
      // when the last of the other rises is out of the window
      production: [56, 70],
      drill: [36, 70],
      says: silence,
    },
    {
      alert: 'NoTraffic',
      name: 'there were not many, and an hour later they are forgotten',
      input: [
        series.answers('200', [
          [11, 30],
          [1, 300],
        ]),
        up,
      ],
      labels: { job: JOBS.service, severity: 'warning', area: 'service' },
      // too few with one of the other rises left in the window, in a drill with none; what was enough before is last seen at
      // scrape 30, in a drill 29, and remembered for 240 and 60
      production: [55, 270],
      drill: [36, 89],
      says: silence,
    },
    {
      alert: 'HighLatency',
      name: 'four requests in ten are slow',
      input: [...series.slowRequests(incident(0, 400)), up],
      labels: { job: JOBS.service, severity: 'warning', area: 'service' },
      // one request in twenty of the window is slow after 3 slow rises (of 19), in a drill after 1 (of 5)
      production: [40, 86],
      drill: [32, 74],
      // of the slow ones, one in so many takes less: quantiles are interpolated in their bucket
      says: `One request in twenty takes ${milliseconds(OBJECTIVE_BOUND + (inProduction ? 0.784 : 0.7917) * (0.5 - OBJECTIVE_BOUND))} or more, over the last ${window}; the objective is ${OBJECTIVE_BOUND} s.`,
    },
    {
      alert: 'HighErrorRatio',
      name: 'six requests in ten fail',
      input: [...series.failedRequests(incident(0, 600)), up],
      labels: { job: JOBS.service, severity: 'critical', area: 'service' },
      // one request in twenty of the window has failed after 2 bad rises, in a drill after 1; the share is of rates that
      // Prometheus extrapolates to the whole window, but not beyond the zero that the failed ones began at
      production: [39, 87],
      drill: [32, 74],
      says: `${inProduction ? '30.48' : '31.91'}% of the requests of the last ${window} were answered with a 5xx; the bound is 5%.`,
    },
    {
      alert: 'Exceptions',
      name: 'a single exception',
      input: [series.thrown(incident(0, 1, 1)), up],
      labels: {
        job: JOBS.service,
        [labels.route]: '/',
        [labels.type]: 'TypeError',
        severity: 'warning',
        area: 'service',
      },
      production: [30, 49],
      drill: [30, 35],
      says: `About 1 exceptions of type TypeError on / in the last ${window}; there should be none.`,
    },
    {
      alert: 'EventLoopSaturated',
      name: 'four moments in a hundred are long',
      input: [...series.longLags(incident(0, 40)), up],
      labels: { ...SERVICE, severity: 'warning', area: 'service' },
      // one moment in a hundred of the window is long after 5 bad rises, in a drill after 2
      production: [42, 84],
      drill: [33, 73],
      says: `replica-1:9464: one moment in a hundred, work waits ${inProduction ? '195.2ms' : '203.1ms'} or more for the event loop; the bound is 0.1 s. Every request of this replica waits with it.`,
    },
    {
      alert: 'NodeCPUHigh',
      name: 'no CPU is idle any more',
      input: series.idleCPUs(profile, incident(0.6, 0, 110)),
      labels: { ...NODE, severity: 'warning', area: 'node' },
      // less than a tenth of the window is idle after 16 busy rises, in a drill after 5
      production: [105, 143],
      drill: [38, 140],
      says: `node-1:9100: 100% of its CPU time was in use over the last ${window}; the bound is 90%.`,
    },
    {
      alert: 'NodeMemoryHigh',
      name: 'a twentieth is available',
      input: series.availableMemory(incident(500, 50, 110)),
      labels: { ...NODE, severity: 'warning', area: 'node' },
      production: [90, 140],
      drill: [34, 140],
      says: 'node-1:9100: 95% of its memory is in use; the bound is 90%.',
    },
    {
      alert: 'NodeStorageLow',
      name: 'a twentieth is available, on a device that is mounted twice',
      input: ['/data', '/again'].flatMap(mountpoint =>
        series.availableStorage({ ...DISK, mountpoint }, incident(500, 50, 110)),
      ),
      labels: { ...NODE, device: '/dev/sda1', severity: 'warning', area: 'node' },
      production: [90, 140],
      drill: [34, 140],
      says: 'node-1:9100: 5% of /dev/sda1 is still available; the bound is 10%.',
    },
    {
      alert: 'NodeStorageAlmostFull',
      name: 'a fiftieth is available',
      input: series.availableStorage(DISK, incident(500, 20)),
      labels: { ...NODE, device: '/dev/sda1', severity: 'critical', area: 'node' },
      production: [38, 70],
      drill: [32, 70],
      says: 'node-1:9100: 2% of /dev/sda1 is still available; the bound is 3%. Soon writes fail, and pods are evicted.',
    },
    {
      alert: 'NodeStorageFillingUp',
      name: 'hours of writing',
      interval: '5m',
      // two fifths after 45 scrapes; at this pace the rest lasts 7 hours
      input: series.fallingStorage(DISK, 620, 5, 70, 620),
      labels: { ...NODE, device: '/dev/sda1', severity: 'warning', area: 'node' },
      production: [48, 70],
      drill: [45 + 20 / 300, 70],
      says: `node-1:9100: ${inProduction ? '38' : '39.5'}% of /dev/sda1 is still available (the bound is 40%), and at the pace of the last 6h none will be in 24h.`,
    },
    {
      alert: 'NodeStorageFillingUp',
      name: 'hours of writing that have ended: after some more, the line forgets them',
      interval: '5m',
      // the line through 72 scrapes is above zero in a day after 49 that are level, by least squares
      input: series.fallingStorage(DISK, 620, 5, 50, 370),
      labels: { ...NODE, device: '/dev/sda1', severity: 'warning', area: 'node' },
      production: [48, 99],
      drill: [45 + 20 / 300, 99],
      says: `node-1:9100: ${inProduction ? '38' : '39.5'}% of /dev/sda1 is still available (the bound is 40%), and at the pace of the last 6h none will be in 24h.`,
    },
    {
      alert: 'NodeInodesLow',
      name: 'a twenty-fifth is free',
      input: series.freeInodes(incident(500, 40, 110)),
      labels: { ...NODE, device: '/dev/sda1', severity: 'warning', area: 'node' },
      production: [90, 140],
      drill: [34, 140],
      says: 'node-1:9100: 4% of the inodes of /dev/sda1 are still free; the bound is 5%. Without one no file can be made, however much storage there is.',
    },
    {
      alert: 'NodeLoadHigh',
      name: 'five processes on two CPUs',
      input: series.load(profile, incident(1, 5, 110)),
      labels: { ...NODE, severity: 'warning', area: 'node' },
      production: [90, 140],
      drill: [34, 140],
      says: 'node-1:9100: 2.5 processes run or wait for each CPU, on average of a minute; the bound is 2. Everything on it takes longer.',
    },
    ...workloadIncidents(profile),
    ...pipelineIncidents(profile),
  ]
}

/** Just inside and just outside of each bound, from the beginning to the end. */
export const bounds = (profile: Profile) => [
  { alert: 'ServiceUnresponsive', inside: [duration(steady(LATE)), up], outside: [duration(steady(1.01 * LATE)), up] },
  { alert: 'HighLatency', inside: series.slowRequests(steady(49)), outside: series.slowRequests(steady(51)) },
  { alert: 'HighErrorRatio', inside: series.failedRequests(steady(49)), outside: series.failedRequests(steady(51)) },
  { alert: 'EventLoopSaturated', inside: series.longLags(steady(9)), outside: series.longLags(steady(11)) },
  {
    alert: 'NodeCPUHigh',
    inside: series.idleCPUs(profile, steady(0.11)),
    outside: series.idleCPUs(profile, steady(0.09)),
  },
  { alert: 'NodeMemoryHigh', inside: series.availableMemory(steady(101)), outside: series.availableMemory(steady(99)) },
  {
    alert: 'NodeStorageLow',
    inside: series.availableStorage(DISK, steady(101)),
    outside: series.availableStorage(DISK, steady(99)),
  },
  {
    alert: 'NodeStorageAlmostFull',
    inside: series.availableStorage(DISK, steady(31)),
    outside: series.availableStorage(DISK, steady(29)),
  },
  { alert: 'NodeInodesLow', inside: series.freeInodes(steady(51)), outside: series.freeInodes(steady(49)) },
  { alert: 'NodeLoadHigh', inside: series.load(profile, steady(4)), outside: series.load(profile, steady(4.1)) },
  ...workloadBounds,
]

/** What must never make an alert fire. */
export const peace: readonly Pick<Incident, 'alert' | 'name' | 'input' | 'interval'>[] = [
  {
    alert: 'HighLatency',
    name: 'no traffic',
    input: series.slowRequests(steady(0)).map(each => ({ ...each, values: '0x199' })),
  },
  {
    alert: 'HighErrorRatio',
    name: 'no traffic',
    input: [series.answers('200', steady(0)), series.answers('503', steady(0))],
  },
  {
    alert: 'HighErrorRatio',
    name: 'clients that hang up',
    input: [series.answers('499', steady(100)), series.answers('503', steady(0))],
  },
  {
    alert: 'Exceptions',
    name: 'old exceptions',
    input: [
      series.thrown([
        [7, 1],
        [0, 199],
      ]),
    ],
  },
  {
    alert: 'NodeStorageLow',
    name: 'a full tmpfs',
    input: series.availableStorage({ ...DISK, fstype: 'tmpfs' }, steady(1)),
  },
  { alert: 'NodeStorageLow', name: 'a full read-only device', input: series.availableStorage(DISK, steady(1), 1) },
  {
    alert: 'NodeStorageFillingUp',
    name: 'hours of writing to a tmpfs of the same name',
    interval: '5m',
    input: [
      ...series.availableStorage(DISK, steady(300)),
      ...series.fallingStorage({ ...DISK, fstype: 'tmpfs', mountpoint: '/run' }, 620, 2, 200, 0),
    ],
  },
  {
    alert: 'NodeStorageFillingUp',
    name: 'minutes of writing: no line can be drawn through them',
    input: series.fallingStorage(DISK, 399, 1, 199, 399),
  },
  {
    alert: 'ServiceAbsent',
    name: 'one of two replicas',
    input: [replica(steady(0)), gauge(EXPORTERS.up, { ...SERVICE, instance: 'replica-2:9464' }, steady(1))],
  },
  { alert: 'NoTraffic', name: 'nobody yet', input: [series.answers('200', steady(1))] },
  {
    alert: 'NoTraffic',
    name: 'there never were many',
    input: [
      series.answers('200', [
        [9, 30],
        [1, 170],
      ]),
    ],
  },
  {
    alert: 'NoTraffic',
    name: 'few, but some',
    input: [
      series.answers('200', [
        [1000, 30],
        [4, 170],
      ]),
    ],
  },
  ...workloadPeace,
]

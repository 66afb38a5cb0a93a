// The series that the rules read, at rest and in an incident. An incident lasts from scrape 30 on, after a full window.
import { catalogue, OBJECTIVE_BOUND } from '../../src/telemetry/catalogue.ts'
import { type Profile, secondsOf } from '../profiles.ts'
import { EXPORTERS, JOBS } from '../targets.ts'
import { counter, gauge, type InputSeries, type Stretch } from './promtool.ts'

const { requests, requestDuration, exceptions, eventLoopLag } = catalogue

/** Labels of the targets. */
export const SERVICE = { job: JOBS.service, instance: 'replica-1:9464' }
export const PROBE = { job: JOBS.probe, instance: 'http://service/factors/97' }
export const NODE = { job: JOBS.node, instance: 'node-1:9100' }
export const DISK = { ...NODE, device: '/dev/sda1', fstype: 'ext4', mountpoint: '/data' }

/** All scrapes of a test. */
const LENGTH = 200

/** One value from the beginning to the end. */
export const steady = <Value extends number | 'stale'>(value: Value): Stretch<Value>[] => [[value, LENGTH]]

/** One value at rest, another one for so many scrapes from scrape 30 on. */
export const incident = <Value extends number | 'stale'>(rest: Value, bad: Value, scrapes = 40): Stretch<Value>[] => [
  [rest, 30],
  [bad, scrapes],
  [rest, LENGTH - 30 - scrapes],
]

/** One replica that can be scraped, or not. */
export const replica = (up: Stretch<number | 'stale'>[]): InputSeries => gauge(EXPORTERS.up, SERVICE, up)

/** 1000 samples a scrape in two buckets, of which some are longer than the bound between them. */
function histogram(metric: string, bounds: readonly number[], bound: number, long: Stretch[]): InputSeries[] {
  return [...bounds, Number.POSITIVE_INFINITY].map(le => {
    const rises = long.map(([n, scrapes]): Stretch => [le <= bound ? 1000 - n : 1000, scrapes])
    return counter(`${metric}_bucket`, { ...SERVICE, le: le === Number.POSITIVE_INFINITY ? '+Inf' : `${le}` }, rises)
  })
}

/** So many requests of 1000 a scrape that take longer than the objective's bound, up to 0.5 s; the others take at most 0.1. */
export const slowRequests = (slow: Stretch[]) =>
  histogram(requestDuration.name, [0.1, OBJECTIVE_BOUND, 0.5], OBJECTIVE_BOUND, slow)

/** So many samples of 1000 a scrape in which the event loop lags for 0.1 to 0.25 seconds. */
export const longLags = (long: Stretch[]) => histogram(eventLoopLag.name, [0.05, 0.1, 0.25], 0.1, long)

/** Requests that end with a status. */
export const answers = (status: string, each: Stretch[]) =>
  counter(requests.name, { ...SERVICE, [requests.labels.method]: 'GET', [requests.labels.status]: status }, each)

/** So many failed requests of 1000 a scrape. */
export const failedRequests = (failed: Stretch[]) => [
  answers(
    '200',
    failed.map(([n, scrapes]): Stretch => [1000 - n, scrapes]),
  ),
  answers('503', failed),
]

/** Exceptions of one type on one route. */
export const thrown = (each: Stretch[]) =>
  counter(exceptions.name, { ...SERVICE, [exceptions.labels.route]: '/', [exceptions.labels.type]: 'TypeError' }, each)

/** A node with two CPUs that are idle, or wait for their disks, for this share of the time. */
export function idleCPUs({ scrapeInterval }: Profile, share: Stretch[]): InputSeries[] {
  const seconds = secondsOf(scrapeInterval)
  const half = share.map(([ratio, scrapes]): Stretch => [(ratio * seconds) / 2, scrapes])
  const modes = { idle: half, iowait: half, user: steady(seconds) }
  return ['0', '1'].flatMap(cpu =>
    Object.entries(modes).map(([mode, each]) => counter(EXPORTERS.nodeCPU, { ...NODE, cpu, mode }, each)),
  )
}

/** A node with so much of 1000 bytes of memory available. */
export const availableMemory = (available: Stretch[]) => [
  gauge(EXPORTERS.nodeMemoryAvailable, NODE, available),
  gauge(EXPORTERS.nodeMemoryTotal, NODE, steady(1000)),
]

/** A filesystem with so much of 1000 bytes available. */
export const availableStorage = (labels: Record<string, string>, available: Stretch[], readonly = 0) => [
  gauge(EXPORTERS.nodeFilesystemAvailable, labels, available),
  gauge(EXPORTERS.nodeFilesystemSize, labels, steady(1000)),
  gauge(EXPORTERS.nodeFilesystemReadonly, labels, steady(readonly)),
]

/** A filesystem of 1000 bytes with so much available at first, and less by so much at each scrape until one; then so much. */
export const fallingStorage = (
  labels: Record<string, string>,
  begin: number,
  by: number,
  until: number,
  then: number,
) =>
  availableStorage(
    labels,
    Array.from({ length: LENGTH }, (_, scrape): Stretch => [scrape < until ? begin - by * scrape : then, 1]),
  )

/** A filesystem with so many of 1000 inodes free. */
export const freeInodes = (free: Stretch[]) => [
  gauge(EXPORTERS.nodeFilesystemFilesFree, DISK, free),
  gauge(EXPORTERS.nodeFilesystemFiles, DISK, steady(1000)),
  gauge(EXPORTERS.nodeFilesystemReadonly, DISK, steady(0)),
]

/** A node with two CPUs and so many processes that run or wait. */
export const load = (profile: Profile, processes: Stretch[]) => [
  ...idleCPUs(profile, steady(0.6)),
  gauge(EXPORTERS.nodeLoad, NODE, processes),
]

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureCapacity } from '../drills/overload/capacity.ts'
import { type Offer, offer } from '../drills/overload/offer.ts'
import { scrape } from '../lib/exposition.ts'
import { every } from '../lib/poll.ts'
import { startProcess } from '../lib/service-process.ts'
import { runK6 } from '../platforms/k6.ts'
import type { LoadRun } from '../platforms/platform.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'

/** Figures of a service process under overload. Times are in seconds. */
export interface Overload {
  /** Capacity of the process in requests per second. */
  readonly capacity: number
  readonly dropped: number
  readonly clientP95: number
  /** From the service's own histogram. */
  readonly ownP95: number
  readonly mostInFlight: number
  readonly slowestScrape: number
  readonly slowestProbe: number
  readonly medianProbe: number
  /** From SIGTERM during the overload to its line in the log. */
  readonly signalHeard: number
}

const SECONDS = 10

/** Clients give up after this; at 1.4 times the capacity, requests wait for four seconds after ten. */
const TIMEOUT_SECONDS = 6

/**
 * Offers a service process 1.4 times its capacity for ten seconds; scrapes and probes the process meanwhile.
 * @param atLeast known lower bound of the capacity in requests per second, because noise only lowers a measurement
 */
export async function overload(command: string[], atLeast = 0): Promise<Overload> {
  const folder = mkdtempSync(join(tmpdir(), 'overload-'))
  const service = await startProcess(command, { LOG_LEVEL: 'info', READINESS_DELAY_SECONDS: '120' })
  const { url, metricsUrl } = service
  const platform = { load: (run: LoadRun) => runK6(run, url, undefined) }
  const offered = (load: Offer, name: string) => offer(platform, { ...load, cost: 'heavy' }, name, folder)
  try {
    const measured = await measureCapacity(1, (clients, duration) => offered({ clients, duration }, 'capacity'))
    const capacity = Math.max(atLeast, measured.rate)
    const before = await scrape(metricsUrl)
    const rate = Math.ceil(1.4 * capacity)
    const loading = offered({ rate, duration: SECONDS, timeout: TIMEOUT_SECONDS }, 'overload')
    const watched = watch(url, metricsUrl)
    await Bun.sleep(SECONDS * 1000) // k6 starts within four seconds
    const heard = stopwatch()
    service.signal('SIGTERM')
    await service.logged('draining')
    const signalHeard = heard()
    const { dropped, latency } = await loading.finally(watched.stop)
    const ownP95 = quantile(0.95, before, await scrape(metricsUrl))
    return { ...watched.figures(), capacity, signalHeard, dropped, clientP95: latency.p95, ownP95 }
  } finally {
    await service.stop()
  }
}

/** A stopwatch: seconds since it was made. */
function stopwatch(): () => number {
  const started = performance.now()
  return () => (performance.now() - started) / 1000
}

/** Scrapes and probes five times a second, in parallel as Prometheus and the kubelet do. */
function watch(url: string, metricsUrl: string) {
  let [mostInFlight, slowestScrape] = [0, 0]
  const probes: number[] = []
  async function scrapeOnce() {
    const took = stopwatch()
    const seen = await scrape(metricsUrl)
    slowestScrape = Math.max(slowestScrape, took())
    mostInFlight = Math.max(mostInFlight, seen.get(catalogue.requestsInFlight.name) ?? 0)
  }
  async function probeOnce(path: string) {
    const took = stopwatch()
    await (await fetch(url + path)).text()
    probes.push(took())
  }
  return {
    stop: every(0.2, () => Promise.all([scrapeOnce(), probeOnce('/livez'), probeOnce('/readyz')])),
    figures() {
      const sorted = probes.toSorted((a, b) => a - b)
      const medianProbe = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
      return { mostInFlight, slowestScrape, slowestProbe: sorted.at(-1) ?? Number.NaN, medianProbe }
    },
  }
}

/** Prometheus' histogram_quantile of the request duration, all statuses together, between two scrapes. */
function quantile(q: number, before: Map<string, number>, after: Map<string, number>): number {
  const counts = new Map<number, number>()
  for (const [series, value] of after) {
    const le = new RegExp(`^${catalogue.requestDuration.name}_bucket\\{le="([^"]+)"`).exec(series)?.[1]
    if (le === undefined) continue
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    counts.set(bound, (counts.get(bound) ?? 0) + value - (before.get(series) ?? 0))
  }
  const rank = q * (counts.get(Number.POSITIVE_INFINITY) ?? 0)
  let [lower, below] = [0, 0]
  for (const [bound, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count >= rank)
      return Number.isFinite(bound) ? lower + ((bound - lower) * (rank - below)) / (count - below) : lower
    ;[lower, below] = [bound, count]
  }
  return Number.NaN
}

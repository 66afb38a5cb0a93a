import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { scrape } from '../lib/exposition.ts'
import { startProcess } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { ensureProgram } from '../tools/install.ts'
import { PROGRAMS } from '../tools/programs.ts'

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

/**
 * Offers a service process 1.4 times its capacity for ten seconds; scrapes and probes the process meanwhile.
 * @param atLeast known lower bound of the capacity in requests per second, because noise only lowers a measurement
 */
export async function overload(command: string[], atLeast = 0): Promise<Overload> {
  const k6 = await ensureProgram(PROGRAMS.k6)
  const service = await startProcess(command, { LOG_LEVEL: 'info', READINESS_DELAY_SECONDS: '120' })
  try {
    const capacity = Math.max(atLeast, await estimate(service.url, SERVICE_CONFIG.load.request('heavy', 0).path))
    const before = await scrape(service.metricsUrl)
    const summary = join(mkdtempSync(join(tmpdir(), 'overload-')), 'summary.json')
    const load = Bun.spawn([k6, 'run', '--quiet', join(import.meta.dir, 'overload.k6.ts')], {
      env: {
        ...process.env,
        TARGET: service.url,
        RATE: `${Math.ceil(1.4 * capacity)}`,
        DURATION: `${SECONDS}`,
        SUMMARY: summary,
        K6_NO_USAGE_REPORT: 'true',
      },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const watching = watch(service.url, service.metricsUrl, load.exited)
    await Bun.sleep(0.8 * SECONDS * 1000)
    const heard = stopwatch()
    service.signal('SIGTERM')
    await service.logged('draining')
    const signalHeard = heard()
    const watched = await watching
    if (load.exitCode !== 0)
      throw new Error(`k6 ended with ${load.exitCode}: ${await new Response(load.stderr).text()}`)

    const { metrics } = await Bun.file(summary).json()
    return {
      ...watched,
      capacity,
      signalHeard,
      dropped: metrics.dropped_iterations?.values.count ?? 0,
      clientP95: metrics.http_req_duration.values['p(95)'] / 1000,
      ownP95: quantile(0.95, before, await scrape(service.metricsUrl)),
    }
  } finally {
    await service.stop()
  }
}

/** Load that measures the capacity: enough clients to keep a small machine busy. */
const ESTIMATE = { clients: 8, seconds: 4 }

/**
 * Requests per second answered to a few clients in the best second, because noise only lowers a measurement. Each client sends its
 * next request when it gets an answer.
 */
async function estimate(url: string, path: string): Promise<number> {
  const answered = Array.from({ length: ESTIMATE.seconds }, () => 0)
  const elapsed = stopwatch()
  const second = () => Math.floor(elapsed())
  const client = async () => {
    while (second() < ESTIMATE.seconds) {
      await (await fetch(`${url}${path}`)).arrayBuffer()
      const now = second()
      if (now < ESTIMATE.seconds) answered[now] = (answered[now] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: ESTIMATE.clients }, client))
  return Math.max(...answered)
}

/** A stopwatch: seconds since it was made. */
function stopwatch(): () => number {
  const started = performance.now()
  return () => (performance.now() - started) / 1000
}

/** Scrapes and probes five times a second until `over`, in parallel as Prometheus and the kubelet do. */
async function watch(url: string, metricsUrl: string, over: Promise<unknown>) {
  let [watching, mostInFlight, slowestScrape] = [true, 0, 0]
  const probes: number[] = []
  over.then(() => {
    watching = false
  })

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

  while (watching) await Promise.all([scrapeOnce(), probeOnce('/livez'), probeOnce('/readyz'), Bun.sleep(200)])
  probes.sort((a, b) => a - b)
  const medianProbe = probes[Math.floor(probes.length / 2)] ?? Number.NaN
  return { mostInFlight, slowestScrape, slowestProbe: Math.max(...probes), medianProbe }
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

import { scrape } from '../lib/exposition.ts'
import { every } from '../lib/poll.ts'
import { type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { load } from './measure.ts'
import { median } from './rounds.ts'

/** Requests of an hour at 100 a second. */
const HOUR_REQUESTS = 360_000

const STARTS = 5

/** What the service takes beside the time of its requests. */
export interface Footprint {
  /** Milliseconds from the start of the process to the first 200 of `/readyz`: the median of five starts. */
  readonly readyMs: number
  /** Resident memory in MB before any request, and after each of two identical loads of 50,000 requests. */
  readonly restMB: number
  readonly loadedMB: readonly number[]
  /** Resident memory after an hour's worth of requests. */
  readonly hourMB: number
  readonly scrapeBytes: number
  readonly scrapeMs: number
  /** The longest wait of a request, in milliseconds: without scrapes, and with five scrapes a second. */
  readonly longestMs: number
  readonly longestScrapedMs: number
}

async function residentMB({ metricsUrl }: ServiceProcess): Promise<number> {
  const bytes = (await scrape(metricsUrl)).get(catalogue.residentMemory.name) ?? Number.NaN
  return Math.round(bytes / 1e6)
}

async function readyMs(command: string[]): Promise<number> {
  const begin = performance.now()
  const service = await startProcess(command)
  const { status } = await fetch(`${service.url}/readyz`)
  const took = performance.now() - begin
  await service.stop()
  if (status !== 200) throw new Error(`/readyz answered ${status} after the service had logged that it listens`)
  return took
}

/** Measures the start and the memory of the service that a command runs. */
export async function startAndMemory(command: string[]): Promise<Pick<Footprint, 'readyMs' | 'restMB' | 'loadedMB'>> {
  const starts: number[] = []
  for (let i = 0; i < STARTS; i++) starts.push(await readyMs(command))
  const service = await startProcess(command)
  const restMB = await residentMB(service)
  const loadedMB: number[] = []
  const ask = async () => (await fetch(service.url)).arrayBuffer()
  for (const _ of [1, 2]) {
    for (let i = 0; i < 500; i++) await Promise.all(Array.from({ length: 100 }, ask))
    loadedMB.push(await residentMB(service))
  }
  await service.stop()
  return { readyMs: median(starts), restMB, loadedMB }
}

/** Measures the compiled service. `requests` is the number of requests before the last look at its memory. */
export async function footprint(command: string[], requests = HOUR_REQUESTS): Promise<Footprint> {
  const found = await startAndMemory(command)
  const service = await startProcess(command, { FAULTS: 'off', LOG_LEVEL: 'info' })
  await using ending = new AsyncDisposableStack()
  ending.defer(service.stop)
  const scrapeOnce = async () => {
    const begin = performance.now()
    const text = await (await fetch(service.metricsUrl)).text()
    return { bytes: Buffer.byteLength(text), ms: performance.now() - begin }
  }
  const longest = async () => 1000 * (await load(service, 1, 5)).longest
  await load(service, 32, requests, 'requests')
  const hourMB = await residentMB(service)
  const scrapes: Awaited<ReturnType<typeof scrapeOnce>>[] = []
  for (let i = 0; i < 50; i++) scrapes.push(await scrapeOnce())
  const longestMs = await longest()
  const stopScraping = every(0.2, scrapeOnce)
  const longestScrapedMs = await longest().finally(stopScraping)
  const scrapeBytes = median(scrapes.map(({ bytes }) => bytes))
  const scrapeMs = median(scrapes.map(({ ms }) => ms))
  return { ...found, hourMB, scrapeBytes, scrapeMs, longestMs, longestScrapedMs }
}

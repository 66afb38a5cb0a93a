import { catalogue } from '../src/telemetry/catalogue.ts'
import { scrape } from '../test/exposition.ts'
import { find } from '../test/footprint.ts'
import { startProcess } from '../test/process.ts'
import { load } from './measure.ts'
import { median } from './rounds.ts'

/** Requests of an hour, at 100 a second: more than one replica calculates, and a busy hour for what this service is. */
const HOUR = 360_000

/** What the service takes beside the time of its requests. */
export interface Footprint {
  /** Milliseconds from the start of the process to the first 200 of `/readyz`. */
  readonly ready: number
  /** Resident memory in MB: at rest, after a load, after the same again, and after an hour's worth of requests. */
  readonly memory: { readonly atRest: number; readonly afterLoad: readonly number[]; readonly afterHour: number }
  /** What a scrape takes: bytes and milliseconds. */
  readonly scrape: { readonly bytes: number; readonly milliseconds: number }
  /** The longest that a request waited, in milliseconds, where nobody scrapes, and where somebody does five times a second. */
  readonly longest: { readonly alone: number; readonly scraped: number }
}

/** Measures the compiled service; `requests` are those after which its memory is looked at last. */
export async function footprint(command: string[], requests = HOUR): Promise<Footprint> {
  const { ready, atRest, afterLoad } = await find(command)
  const service = await startProcess(command, { FAULTS: 'off', LOG_LEVEL: 'info' })
  const resident = async () =>
    Math.round(((await scrape(service.metricsUrl)).get(catalogue.residentMemory.name) ?? 0) / 1e6)
  const scrapeOnce = async () => {
    const began = performance.now()
    const text = await (await fetch(service.metricsUrl)).text()
    return { bytes: Buffer.byteLength(text), milliseconds: performance.now() - began }
  }
  const oneByOne = () => load(service, '/', 1, 5)
  try {
    await load(service, '/', 32, requests, 'requests')
    const afterHour = await resident()
    const scrapes: Awaited<ReturnType<typeof scrapeOnce>>[] = []
    for (let i = 0; i < 50; i++) scrapes.push(await scrapeOnce())
    const alone = await oneByOne()
    const scraping = setInterval(() => scrapeOnce().catch(() => {}), 200)
    const scraped = await oneByOne()
    clearInterval(scraping)
    return {
      ...{ ready, memory: { atRest, afterLoad, afterHour } },
      scrape: {
        bytes: median(scrapes.map(({ bytes }) => bytes)),
        milliseconds: median(scrapes.map(({ milliseconds }) => milliseconds)),
      },
      longest: { alone: 1000 * alone.longest, scraped: 1000 * scraped.longest },
    }
  } finally {
    await service.stop()
  }
}

import { catalogue } from '../src/telemetry/catalogue.ts'
import { scrape } from './exposition.ts'
import { startProcess } from './process.ts'
import { exchange } from './raw.ts'

/** What the service takes. */
export interface Footprint {
  /** Milliseconds from the start of the process to the first 200 of `/readyz`: the median of five starts. */
  readonly ready: number
  /** Resident memory in MB before any request, and after each of two identical loads of 50,000 requests. */
  readonly atRest: number
  readonly afterLoad: readonly number[]
}

const ROUND = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(1000)

/** Measures the service that a command runs. */
export async function find(command: string[]): Promise<Footprint> {
  const starts: number[] = []
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    const service = await startProcess(command)
    const { status } = await fetch(`${service.url}/readyz`)
    starts.push(performance.now() - started)
    if (status !== 200) throw new Error(`/readyz answered ${status} after the service had said that it listens`)
    await service.stop()
  }

  const service = await startProcess(command)
  const resident = async () =>
    Math.round(((await scrape(service.metricsUrl)).get(catalogue.residentMemory.name) ?? Number.NaN) / 1e6)
  const atRest = await resident()
  const afterLoad: number[] = []
  for (let load = 0; load < 2; load++) {
    for (let i = 0; i < 50; i++) await exchange(service.url, ROUND, 1000)
    afterLoad.push(await resident())
  }
  await service.stop()
  return { ready: starts.sort((a, b) => a - b)[2] as number, atRest, afterLoad }
}

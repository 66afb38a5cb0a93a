import { expect, test } from 'bun:test'
import { scrape } from '../lib/exposition.ts'
import { fromSource, startProcess } from '../lib/service-process.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { seriesOf } from './series.ts'

/** The largest prime in range takes longest to calculate. */
const LARGEST_PRIME = 9_007_199_254_740_881

test('the service does not calculate for clients that have disconnected', async () => {
  const service = await startProcess(fromSource('src/main.ts'), { LOG_LEVEL: 'info' })
  const factorise = (signal?: AbortSignal) => fetch(`${service.url}/factors/${LARGEST_PRIME}`, signal ? { signal } : {})
  const started = performance.now()
  await factorise()
  const one = performance.now() - started

  const clients = new AbortController()
  const abandoned = Array.from({ length: 10 }, () => factorise(clients.signal).catch(() => {}))
  await Bun.sleep(50)
  clients.abort()
  await Promise.all(abandoned)
  const asked = performance.now()
  await fetch(`${service.url}/factors/2`)
  expect((performance.now() - asked) / one).toBeLessThan(4) // 10 if all had been calculated
  const counted = await scrape(service.metricsUrl)
  expect(
    counted.get(seriesOf(catalogue.requests, { method: 'GET', route: '/factors/:n', status: 499 })),
  ).toBeGreaterThanOrEqual(8)
  await service.stop()
})

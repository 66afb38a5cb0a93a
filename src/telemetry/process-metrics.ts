import { readdirSync, readFileSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import { catalogue, type Metric } from './catalogue.ts'
import { fromCatalogue, gaugeFromCatalogue } from './metrics.ts'

/**
 * Registers the metrics of the process, which are read at each scrape.
 * prom-client's default metrics are not used: half of them are constant or wrong under Bun.
 */
export function registerProcessMetrics(registry: Registry, version: string): void {
  const gauge = (metric: Metric, read: () => number) => gaugeFromCatalogue(metric, registry, read)

  new Counter({
    ...fromCatalogue(catalogue.cpu, registry),
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  gauge(catalogue.residentMemory, () => process.memoryUsage.rss())
  gauge(catalogue.heapTotal, () => process.memoryUsage().heapTotal)
  gauge(catalogue.heapUsed, () => process.memoryUsage().heapUsed)
  gauge(catalogue.startTime, () => performance.timeOrigin / 1000)
  const { labels } = catalogue.appInfo
  const versions = { [labels.version]: version, [labels.bun]: Bun.version }
  new Gauge(fromCatalogue(catalogue.appInfo, registry)).set(versions, 1)

  if (process.platform !== 'linux') return
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  if (limit !== undefined) gauge(catalogue.maxFiles, () => Number(limit))
  gauge(catalogue.openFiles, () => readdirSync('/proc/self/fd').length - 1) // one of them is the listing itself
}

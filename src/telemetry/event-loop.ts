import type { Registry } from 'prom-client'
import { catalogue } from './catalogue.ts'
import { histogramFromCatalogue } from './metrics.ts'

/** Milliseconds between samples: 50 samples a second, at well under 0.1 % of a core. */
const INTERVAL_MS = 20

/** Longest lag in milliseconds: a longer pause (the machine was suspended) counts as this long. */
const LONGEST_MS = 60_000

/**
 * Samples the lag of the event loop into the catalogue's histogram until the returned function is called.
 *
 * A late timer alone would be one sample, however long the stall. The samples that the stall suppressed are added (as
 * HdrHistogram corrects for coordinated omission), so that quantiles are over time: work that is due at a random moment waits
 * at most p99, 99 times of 100. A scrape changes nothing.
 * @param now a monotonic clock in milliseconds
 */
export function sampleEventLoopLag(registry: Registry, now = () => performance.now()): () => void {
  const lag = histogramFromCatalogue(catalogue.eventLoopLag, registry)
  let last = now()
  const timer = setInterval(() => {
    const tick = now()
    for (let late = Math.min(tick - last - INTERVAL_MS, LONGEST_MS); ; late -= INTERVAL_MS) {
      lag.observe(Math.max(0, late) / 1000)
      if (late < INTERVAL_MS) break
    }
    last = tick
  }, INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

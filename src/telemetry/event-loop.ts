import type { Registry } from 'prom-client'
import { catalogue } from './catalogue.ts'
import { histogramFromCatalogue } from './metrics.ts'

/** How often the lag is sampled, in milliseconds: 50 samples a second, at well under 0.1 % of a core. */
const INTERVAL = 20

/** A stop of the machine is not lag: what is longer than this many milliseconds counts as this long. */
const LONGEST = 60_000

/**
 * Samples the lag of the event loop into the catalogue's histogram until the returned function is called.
 *
 * A timer that is late by one stall would be one sample, however long the stall. The samples that the stall swallowed are
 * added (as HdrHistogram's correction for coordinated omission does), so that the quantiles are of time: p99 is what work
 * due at a random moment waits at most, 99 times of 100. Scrapes only read; any number of them may.
 * @param now milliseconds of a clock that never goes back
 */
export function sampleEventLoopLag(registry: Registry, now = () => performance.now()): () => void {
  const lag = histogramFromCatalogue(catalogue.eventLoopLag, registry)
  let last = now()
  const timer = setInterval(() => {
    const tick = now()
    for (let late = Math.min(tick - last - INTERVAL, LONGEST); ; late -= INTERVAL) {
      lag.observe(Math.max(0, late) / 1000)
      if (late < INTERVAL) break
    }
    last = tick
  }, INTERVAL)
  timer.unref()
  return () => clearInterval(timer)
}

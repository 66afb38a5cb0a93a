import { type Counter, Histogram, type Registry } from 'prom-client'
import type { HistogramMetric } from './catalogue.ts'

type Labels = Readonly<Record<string, string>>

/** One series of a {@link CountedHistogram}. */
export class HistogramSeries {
  readonly labels: Labels
  /** By ascending upper bound, the last one infinite. The counts are per bucket, not cumulative. */
  readonly buckets: readonly { readonly bound: number; count: number }[]
  count = 0
  sum = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels
    this.buckets = [...bounds, Number.POSITIVE_INFINITY].map(bound => ({ bound, count: 0 }))
  }

  observe(value: number): void {
    this.count++
    this.sum += value
    for (const bucket of this.buckets) {
      if (value > bucket.bound) continue
      bucket.count++
      break
    }
  }
}

/**
 * A histogram whose series are counted outside of prom-client and handed over at each scrape.
 *
 * prom-client's own histogram takes one observation a call, checks the labels and makes their key anew: 1 µs a request.
 * A registry asks its metrics for `name` and `get()` alone. The other methods complete prom-client's smallest type of metric.
 */
export class CountedHistogram implements Counter {
  readonly name: string
  readonly #series: readonly HistogramSeries[]
  /** Answers `get()` with the help text and the type, in prom-client's own terms. */
  readonly #empty: Histogram

  constructor({ name, help }: HistogramMetric, registry: Registry, series: readonly HistogramSeries[]) {
    this.name = name
    this.#series = series
    this.#empty = new Histogram({ name, help, registers: [] })
    registry.registerMetric(this)
  }

  async get() {
    return { ...(await this.#empty.get()), values: this.#series.flatMap(series => this.#samplesOf(series)) }
  }

  #samplesOf({ labels, buckets, count, sum }: HistogramSeries) {
    let cumulative = 0
    const samples = buckets.map(bucket => {
      cumulative += bucket.count
      const le = bucket.bound === Number.POSITIVE_INFINITY ? '+Inf' : bucket.bound
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: cumulative }
    })
    return [
      ...samples,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ]
  }

  inc = refuse
  labels = refuse
  remove = refuse
  reset = refuse
}

function refuse(): never {
  throw new Error('a CountedHistogram is changed through its series')
}

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import {
  catalogue,
  EXCEPTION_TYPES,
  type HistogramMetric,
  KNOWN_METHODS,
  type Metric,
  OTHER_METHOD,
  UNMATCHED_ROUTE,
} from './catalogue.ts'
import { CountedHistogram, HistogramSeries } from './counted-histogram.ts'
import { SeriesMap } from './series-map.ts'

/** A documented route: its template and the statuses that it can answer with. */
export interface RouteSeries {
  readonly method: string
  readonly route: string
  readonly statuses: readonly number[]
}

/** prom-client's configuration of a metric of the catalogue. */
export function fromCatalogue({ name, help, labels }: Metric, registry: Registry) {
  return { name, help, labelNames: Object.values(labels), registers: [registry] }
}

/** A histogram with the bounds of the catalogue. */
export function histogramFromCatalogue(metric: HistogramMetric, registry: Registry) {
  return new Histogram({ ...fromCatalogue(metric, registry), buckets: [...metric.buckets] })
}

/** Registers a gauge of the catalogue that is read at each scrape. */
export function gaugeFromCatalogue(metric: Metric, registry: Registry, read: () => number) {
  const gauge: Gauge = new Gauge({ ...fromCatalogue(metric, registry), collect: () => gauge.set(read()) })
}

/**
 * The service's HTTP metrics, in a registry of their own.
 *
 * Requests are counted in numbers of this class, which prom-client reads at each scrape: prom-client's `inc` and `observe`
 * check the labels and make their key for each request, which takes five times as long (see docs/bench.md).
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #series: HistogramSeries[] = []
  readonly #seriesOf = new SeriesMap((method, route, status) => {
    const names = catalogue.requests.labels
    const labels = { [names.method]: method, [names.route]: route, [names.status]: `${status}` }
    const series = new HistogramSeries(labels, catalogue.requestDuration.buckets)
    this.#series.push(series)
    return series
  })
  readonly #exceptions = new Counter(fromCatalogue(catalogue.exceptions, this.registry))
  /** Requests that have arrived and are not answered yet. */
  inFlight = 0

  constructor() {
    const series = this.#series
    new Counter({
      ...fromCatalogue(catalogue.requests, this.registry),
      collect() {
        this.reset()
        for (const { labels, count } of series) this.inc(labels, count)
      },
    })
    new CountedHistogram(catalogue.requestDuration, this.registry, series)
    gaugeFromCatalogue(catalogue.requestsInFlight, this.registry, () => this.inFlight)
  }

  /** Counts an answered request and its duration in seconds. */
  requestAnswered(method: string, route: string, status: number, seconds: number): void {
    this.#seriesOf.get(KNOWN_METHODS.has(method) ? method : OTHER_METHOD, route, status).observe(seconds)
  }

  /** Counts something unexpected that was thrown. */
  exceptionThrown(route: string | undefined, error: unknown): void {
    const type = EXCEPTION_TYPES.find(name => error instanceof Error && error.name === name) ?? 'other'
    this.#exceptions.inc(exceptionLabels(route ?? UNMATCHED_ROUTE, type))
  }

  /** Makes the series of these routes exist at zero, so that `rate` and `increase` see their first event. */
  declareRoutes(routes: readonly RouteSeries[]): void {
    for (const { method, route, statuses } of routes) {
      for (const status of statuses) this.#seriesOf.get(method, route, status)
      for (const type of EXCEPTION_TYPES) this.#exceptions.inc(exceptionLabels(route, type), 0)
    }
  }
}

function exceptionLabels(route: string, type: string) {
  const names = catalogue.exceptions.labels
  return { [names.route]: route, [names.type]: type }
}

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

/** The service's HTTP metrics, in a registry of their own. */
export class Metrics {
  readonly registry = new Registry()
  readonly #requests = new Counter(fromCatalogue(catalogue.requests, this.registry))
  readonly #durations = histogramFromCatalogue(catalogue.requestDuration, this.registry)
  readonly #exceptions = new Counter(fromCatalogue(catalogue.exceptions, this.registry))
  /** Requests that have arrived and are not answered yet: a number, because to count in a gauge costs more. */
  inFlight = 0
  readonly #series = new Map<string, { count: Counter.Internal; duration: Histogram.Internal<string> }>()

  constructor() {
    gaugeFromCatalogue(catalogue.requestsInFlight, this.registry, () => this.inFlight)
  }

  /** Counts an answered request and its duration in seconds. */
  requestAnswered(method: string, route: string, status: number, seconds: number): void {
    const { count, duration } = this.#seriesOf(KNOWN_METHODS.has(method) ? method : OTHER_METHOD, route, status)
    count.inc()
    duration.observe(seconds)
  }

  /** Counts something unexpected that was thrown. */
  exceptionThrown(route: string | undefined, error: unknown): void {
    const type = EXCEPTION_TYPES.find(name => error instanceof Error && error.name === name) ?? 'other'
    this.#exceptions.inc(exceptionLabels(route ?? UNMATCHED_ROUTE, type))
  }

  /** Makes the series of these routes exist at zero, so that `rate` and `increase` see their first event. */
  declareRoutes(routes: readonly RouteSeries[]): void {
    for (const { method, route, statuses } of routes) {
      for (const status of statuses) this.#seriesOf(method, route, status)
      for (const type of EXCEPTION_TYPES) this.#exceptions.inc(exceptionLabels(route, type), 0)
    }
  }

  /** The children of one label set. Kept, because making them costs more than counting. */
  #seriesOf(method: string, route: string, status: number) {
    const key = `${method} ${status} ${route}`
    const found = this.#series.get(key)
    if (found !== undefined) return found
    const names = catalogue.requests.labels
    const labels = { [names.method]: method, [names.route]: route, [names.status]: `${status}` }
    this.#requests.inc(labels, 0)
    this.#durations.zero(labels)
    const made = { count: this.#requests.labels(labels), duration: this.#durations.labels(labels) }
    this.#series.set(key, made)
    return made
  }
}

function exceptionLabels(route: string, type: string) {
  const names = catalogue.exceptions.labels
  return { [names.route]: route, [names.type]: type }
}

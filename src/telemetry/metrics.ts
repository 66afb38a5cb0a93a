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

/** What prom-client keeps of one label set; by bucket what fell into it, without the buckets below. */
interface Cell {
  readonly total: { value: number }
  readonly times: { readonly bucketValues: Record<string, number>; sum: number; count: number }
}

/** The newest of what a metric keeps. That is prom-client's own affair, so its version is pinned. */
const newest = <T>(metric: object) => Object.values((metric as { hashMap: Record<string, T> }).hashMap).at(-1) as T

/** Bounds with their keys in a cell: to make a text of a number takes longer than all that is done with it. */
const BOUNDS = catalogue.requestDuration.buckets.map(bound => ({ bound, key: `${bound}` }))

/**
 * The service's HTTP metrics, in a registry of their own.
 *
 * Requests are counted in prom-client's cells and not by its methods: these check the labels and make their key anew for
 * each request, which takes five times as long.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #requests = new Counter(fromCatalogue(catalogue.requests, this.registry))
  readonly #durations = histogramFromCatalogue(catalogue.requestDuration, this.registry)
  readonly #exceptions = new Counter(fromCatalogue(catalogue.exceptions, this.registry))
  /** By route, method and status, one after the other: to make one key of the three would take the longest of all. */
  readonly #cells = new Map<string, Map<string, Cell[]>>()
  /** Requests that have arrived and are not answered yet. */
  inFlight = 0

  constructor() {
    gaugeFromCatalogue(catalogue.requestsInFlight, this.registry, () => this.inFlight)
  }

  /** Counts an answered request and its duration in seconds. */
  requestAnswered(method: string, route: string, status: number, seconds: number): void {
    const { total, times } = this.#cellOf(KNOWN_METHODS.has(method) ? method : OTHER_METHOD, route, status)
    total.value++
    times.count++
    times.sum += seconds
    const bucket = BOUNDS.find(({ bound }) => seconds <= bound)
    if (bucket !== undefined) times.bucketValues[bucket.key] = (times.bucketValues[bucket.key] as number) + 1
  }

  /** Counts something unexpected that was thrown. */
  exceptionThrown(route: string | undefined, error: unknown): void {
    const type = EXCEPTION_TYPES.find(name => error instanceof Error && error.name === name) ?? 'other'
    this.#exceptions.inc(exceptionLabels(route ?? UNMATCHED_ROUTE, type))
  }

  /** Makes the series of these routes exist at zero, so that `rate` and `increase` see their first event. */
  declareRoutes(routes: readonly RouteSeries[]): void {
    for (const { method, route, statuses } of routes) {
      for (const status of statuses) this.#cellOf(method, route, status)
      for (const type of EXCEPTION_TYPES) this.#exceptions.inc(exceptionLabels(route, type), 0)
    }
  }

  #cellOf(method: string, route: string, status: number): Cell {
    const found = this.#cells.get(route)?.get(method)?.[status]
    if (found !== undefined) return found
    const names = catalogue.requests.labels
    const labels = { [names.method]: method, [names.route]: route, [names.status]: `${status}` }
    this.#requests.inc(labels, 0)
    this.#durations.zero(labels)
    const cell: Cell = { total: newest(this.#requests), times: newest(this.#durations) }
    const ofRoute = this.#cells.get(route) ?? new Map<string, Cell[]>()
    const ofMethod = ofRoute.get(method) ?? []
    ofMethod[status] = cell
    this.#cells.set(route, ofRoute.set(method, ofMethod))
    return cell
  }
}

function exceptionLabels(route: string, type: string) {
  const names = catalogue.exceptions.labels
  return { [names.route]: route, [names.type]: type }
}

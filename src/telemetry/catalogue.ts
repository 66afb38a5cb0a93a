/**
 * The metrics catalogue: the one place that names metrics, labels and bucket bounds.
 *
 * The service registers its metrics from the catalogue; rules, dashboards and drills take names, labels and bounds from it.
 * So a renamed metric is renamed everywhere, and a removed one is a compile error and not an alert that never fires.
 */

/** A metric without buckets. `labels` maps the key that code uses to the name of the label in the exposition. */
export interface Metric<Labels = Readonly<Record<string, string>>> {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  /** What is counted or measured, such as `seconds` or `requests`. */
  readonly unit: string
  readonly help: string
  readonly labels: Labels
}

/** A metric with buckets. Their upper bounds are in the metric's unit. */
export interface HistogramMetric<Labels = Readonly<Record<string, string>>> extends Metric<Labels> {
  readonly buckets: readonly number[]
}

/** A metric of the catalogue, or of a catalogue that one service has beside it. */
export function metric<L = Record<never, string>>(
  kind: Metric['kind'],
  name: string,
  unit: string,
  help: string,
  labels = {} as L,
) {
  return { kind, name, unit, help, labels }
}

/** Bound of http_request_duration_seconds, in seconds, that the latency objective uses. */
export const OBJECTIVE_BOUND = 0.25

// bounds that OpenTelemetry advises for http.server.request.duration (semantic conventions, HTTP metrics)
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, OBJECTIVE_BOUND, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const
const LAG_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const requestLabels = { method: 'method', route: 'route', status: 'status_code' }
const ENDED =
  'Requests that reached the application and were answered, by the status that the client saw (499: it hung up first).'
const DURATION = 'Time from the arrival of a request to its answer, queueing included.'
const IN_FLIGHT = 'Requests that have arrived and are not answered yet.'
const THROWN = 'Unexpected exceptions thrown while a request was handled.'
const LAG = 'How long work that is due at an arbitrary moment waits for the event loop, sampled evenly over time.'
const HEAP = "(JavaScriptCore's, under the name that dashboards look for.)"

/** Every metric that every service exports. Figures that are wrong under Bun (GC, handles, heap spaces) are left out. */
export const catalogue = {
  requests: metric('counter', 'http_requests_total', 'requests', ENDED, requestLabels),
  requestDuration: {
    ...metric('histogram', 'http_request_duration_seconds', 'seconds', DURATION, requestLabels),
    buckets: DURATION_BOUNDS,
  },
  requestsInFlight: metric('gauge', 'http_requests_in_flight', 'requests', IN_FLIGHT),
  exceptions: metric('counter', 'http_exceptions_total', 'exceptions', THROWN, { route: 'route', type: 'type' }),
  eventLoopLag: { ...metric('histogram', 'event_loop_lag_seconds', 'seconds', LAG), buckets: LAG_BOUNDS },
  cpu: metric('counter', 'process_cpu_seconds_total', 'seconds', 'User and system CPU time spent by the process.'),
  residentMemory: metric('gauge', 'process_resident_memory_bytes', 'bytes', 'Resident memory of the process.'),
  heapTotal: metric('gauge', 'nodejs_heap_size_total_bytes', 'bytes', `Size of the JavaScript heap. ${HEAP}`),
  heapUsed: metric('gauge', 'nodejs_heap_size_used_bytes', 'bytes', `JavaScript heap in use. ${HEAP}`),
  openFiles: metric('gauge', 'process_open_fds', 'files', 'Open file descriptors (Linux).'),
  maxFiles: metric('gauge', 'process_max_fds', 'files', 'File descriptors that the process may open (Linux).'),
  startTime: metric('gauge', 'process_start_time_seconds', 'seconds', 'Start of the process, since the Unix epoch.'),
  appInfo: metric('gauge', 'app_info', 'info', 'Always 1; the labels tell the versions of the service and of Bun.', {
    version: 'version',
    bun: 'bun_version',
  }),
}

/** Route label of requests that match no route: an arbitrary path must not make a series. */
export const UNMATCHED_ROUTE = 'unmatched'

/** Method label of unusual methods: an arbitrary method must not make a series. (OpenTelemetry's value.) */
export const OTHER_METHOD = '_OTHER'

/** The methods of RFC 9110 and RFC 5789: the values of the method label beside {@link OTHER_METHOD}. */
export const KNOWN_METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])

/** Values of the exceptions' type label: JavaScript's common error classes, and `other` for the rest. */
export const EXCEPTION_TYPES = ['Error', 'TypeError', 'RangeError', 'other'] as const

/** The status recorded when the client closed the connection before its answer (nginx's convention). No client sees it. */
export const CLIENT_CLOSED_REQUEST = 499

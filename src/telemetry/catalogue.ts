/**
 * The metrics catalogue: the one place where a metric, its labels and its bucket bounds are named.
 *
 * The service registers its metrics from it; rules, dashboards and drills reach names, labels and bounds through it alone.
 * So a rename here flows everywhere, and a removal is a compile error instead of an alert that never fires.
 */

/** A metric without buckets. `labels` maps the key that code uses to the label's name on the wire. */
export interface Metric<Labels = Readonly<Record<string, string>>> {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly unit: Unit
  readonly help: string
  readonly labels: Labels
}

/** A metric with buckets; their upper bounds are in its unit. */
export interface HistogramMetric<Labels = Readonly<Record<string, string>>> extends Metric<Labels> {
  readonly buckets: readonly number[]
}

type Unit = 'requests' | 'exceptions' | 'seconds' | 'bytes' | 'files' | 'info'

function metric<L = Record<never, string>>(
  kind: Metric['kind'],
  name: string,
  unit: Unit,
  help: string,
  labels = {} as L,
) {
  return { kind, name, unit, help, labels }
}

/** The bound of http_request_duration_seconds that the latency objective is about, in seconds. */
export const OBJECTIVE_BOUND = 0.25

// OpenTelemetry's advised bounds for http.server.request.duration (semantic conventions, HTTP metrics)
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

/** Every metric that the service exports. Only what is true under Bun: its GC, handle and heap-space figures are not. */
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

/** The route label of requests that no route matches, so that made-up paths make no series. */
export const UNMATCHED_ROUTE = 'unmatched'

/** The method label of unusual methods, so that made-up ones make no series (OpenTelemetry's value). */
export const OTHER_METHOD = '_OTHER'

/** HTTP's known methods (RFC 9110 and RFC 5789): the values of the method label beside {@link OTHER_METHOD}. */
export const KNOWN_METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])

/** Values of the exceptions' type label: JavaScript's common error classes, and `other` for all else. */
export const EXCEPTION_TYPES = ['Error', 'TypeError', 'RangeError', 'other'] as const

/** The status recorded when the client hung up before its answer (nginx's convention; no client ever sees it). */
export const CLIENT_CLOSED_REQUEST = 499

import type { Lifecycle } from '../lifecycle.ts'
import { CLIENT_CLOSED_REQUEST, UNMATCHED_ROUTE } from './catalogue.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { type Scope, scopeOf } from './scope.ts'

/** Answers a request; as `Elysia#fetch` and the `fetch` of `Bun.serve`. */
export type Handler = (request: Request) => Response | Promise<Response>

interface Telemetry {
  readonly metrics: Metrics
  readonly log: Logger
  /** Routes that are not traffic: Kubernetes' probes. Neither counted nor logged. */
  readonly ignoredRoutes: ReadonlySet<string>
  readonly lifecycle: Pick<Lifecycle, 'draining'>
  /** Whether requests get an id, and answers say it. Default: yes. */
  readonly ids?: boolean
}

/**
 * Counts, times and logs every request exactly once, and gives its answer the request's id.
 *
 * It goes around the whole application, not into its hooks: hooks miss what is answered by an earlier hook, see the
 * status before it is final, and run for requests that never existed. What it sees is what the client gets. A body that
 * is produced while it is sent is not waited for: the status is known, and the duration is the time to its head.
 */
export function instrument(app: Handler, { metrics, log, ignoredRoutes, lifecycle, ids = true }: Telemetry): Handler {
  // functions of the application's life, not of each request: to make them anew would cost as much as they do
  function end(request: Request, { id, route = UNMATCHED_ROUTE }: Scope, started: number, status: number): void {
    metrics.inFlight--
    if (ignoredRoutes.has(route)) return
    const seconds = Math.round((performance.now() - started) * 1000) / 1e6 // to the microsecond
    const { method } = request
    metrics.requestAnswered(method, route, status, seconds)
    if (log.isLevelEnabled('info')) log.info({ method, route, status, seconds, requestId: id }, 'request')
  }

  function answer(request: Request, scope: Scope, started: number, response: Response): Response {
    if (ids) response.headers.set('x-request-id', scope.id)
    // whoever keeps a connection must leave it before it is closed, or the next request on it may be lost
    if (lifecycle.draining) response.headers.set('connection', 'close')
    end(request, scope, started, response.status)
    return response
  }

  return request => {
    const started = performance.now()
    const scope = scopeOf(request, ids ? undefined : '')
    metrics.inFlight++
    const outcome = app(request)
    if (outcome instanceof Response) return answer(request, scope, started, outcome)
    return outcome.then(response => {
      if (!request.signal.aborted) return answer(request, scope, started, response)
      end(request, scope, started, CLIENT_CLOSED_REQUEST)
      return response
    })
  }
}

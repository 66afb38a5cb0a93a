import { CLIENT_CLOSED_REQUEST, UNMATCHED_ROUTE } from './catalogue.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { requestIdOf, routeOf } from './request-notes.ts'

/** Answers a request; as `Elysia#fetch` and the `fetch` of `Bun.serve`. */
export type Handler = (request: Request) => Response | Promise<Response>

interface Telemetry {
  readonly metrics: Pick<Metrics, 'inFlight' | 'requestAnswered' | 'exceptionThrown'>
  readonly log: Pick<Logger, 'access' | 'error'>
  /** Routes that are not traffic: Kubernetes' probes. Neither counted nor logged. */
  readonly ignoredRoutes: ReadonlySet<string>
  /** Answers a request, with status 500, whose handler threw, rejected or returned no Response. */
  readonly answerFailure: (request: Request) => Response
}

/**
 * Counts, times and logs every request exactly once, whatever the handler does: what a handler throws, and an answer that is no
 * Response, is counted as an exception and answered by `answerFailure`.
 *
 * It wraps the whole application. Elysia's hooks would miss what an earlier hook answers, see the status before it is final,
 * and run for requests that never existed; the wrapper sees what the client gets. The duration ends with the head of the
 * answer: a body that is produced while it is sent is not waited for.
 */
export function instrument(app: Handler, telemetry: Telemetry): Handler {
  const { metrics, log, ignoredRoutes, answerFailure } = telemetry

  function end(request: Request, started: number, status: number): void {
    metrics.inFlight--
    const route = routeOf(request) ?? UNMATCHED_ROUTE
    if (ignoredRoutes.has(route)) return
    const seconds = Math.round((performance.now() - started) * 1000) / 1e6 // to the microsecond
    metrics.requestAnswered(request.method, route, status, seconds)
    log.access?.(request, route, status, seconds)
  }

  function fail(request: Request, error: unknown): Response {
    const route = routeOf(request)
    metrics.exceptionThrown(route, error)
    log.error({ err: error, route, requestId: requestIdOf(request) }, 'exception')
    return answerFailure(request)
  }

  async function awaitAnswer(request: Request, started: number, answer: unknown): Promise<Response> {
    let response: Response
    try {
      const value = await answer
      response = value instanceof Response ? value : fail(request, new TypeError('the handler returned no Response'))
    } catch (error) {
      response = fail(request, error)
    }
    end(request, started, request.signal.aborted ? CLIENT_CLOSED_REQUEST : response.status)
    return response
  }

  return request => {
    const started = performance.now()
    metrics.inFlight++
    let answer: unknown
    try {
      answer = app(request)
    } catch (error) {
      answer = fail(request, error)
    }
    if (!(answer instanceof Response)) return awaitAnswer(request, started, answer)
    end(request, started, answer.status)
    return answer
  }
}

/** Gives each answer its request's id. While the service drains, tells clients to leave their connections. */
export function addHeaders(app: Handler, lifecycle: { readonly draining: boolean }): Handler {
  function withHeaders(request: Request, response: Response): Response {
    response.headers.set('x-request-id', requestIdOf(request))
    // a client that keeps its connection may lose the next request on it when the service closes the connection
    if (lifecycle.draining) response.headers.set('connection', 'close')
    return response
  }

  return request => {
    const answer = app(request)
    return answer instanceof Response
      ? withHeaders(request, answer)
      : answer.then(response => withHeaders(request, response))
  }
}

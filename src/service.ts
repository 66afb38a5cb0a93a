import { createApp } from './app.ts'
import type { Config } from './config.ts'
import type { ServiceDefinition } from './definition.ts'
import { requireHost } from './host.ts'
import { Lifecycle } from './lifecycle.ts'
import { PROBE_ROUTES } from './modules/health/index.ts'
import { Problem } from './problem.ts'
import { documentedRoutes } from './routes.ts'
import { exposeMetrics, listen } from './server.ts'
import { sampleEventLoopLag } from './telemetry/event-loop.ts'
import { addHeaders, instrument } from './telemetry/http.ts'
import type { Logger } from './telemetry/logger.ts'
import { Metrics } from './telemetry/metrics.ts'
import { registerProcessMetrics } from './telemetry/process-metrics.ts'
import { requestIdOf } from './telemetry/request-notes.ts'

/** Details of problems that occur outside of the application. */
const FAILED = 'The service failed. Its logs have the reason under the id of this request.'
const BAD_HOST = 'The Host header is not a valid host, with or without a port from 0 to 65535.'

/** A service that listens. */
export interface Service {
  /** Origin of the API, such as `http://127.0.0.1:3000`. */
  readonly url: string
  /** Address of the metrics, such as `http://127.0.0.1:9464/metrics`. */
  readonly metricsUrl: string
  /** Shuts down gracefully. Resolves to the number of requests that did not end in time and were cut. */
  drain(): Promise<number>
  /** Closes everything at once. */
  close(): Promise<void>
}

/**
 * Starts the service. Rejects with a `ListenError` when it cannot listen on an address, and with what the definition's `start`
 * rejects with; then nothing listens, and what was started is closed.
 * @param make creates the application; tests add routes
 */
export async function startService<Own extends object>(
  definition: ServiceDefinition<Own>,
  config: Config & Own,
  log: Logger,
  make = createApp,
): Promise<Service> {
  await using starting = new AsyncDisposableStack() // closes what was started when a later step fails
  const lifecycle = new Lifecycle()
  const metrics = new Metrics()
  const { registry } = metrics
  registerProcessMetrics(registry, definition.version)
  const { modules, dependencies = [] } = await definition.start({ config, log, registry, resources: starting })
  lifecycle.dependencies = dependencies
  const app = make({ config, definition, lifecycle, log, metrics, modules })
  metrics.declareRoutes(documentedRoutes(app.routes, PROBE_ROUTES))

  const answerWith = (problem: Problem) => (request: Request) =>
    problem.toResponse(definition.name, requestIdOf(request))
  const answerFailure = answerWith(new Problem('internal-error', FAILED))
  const routed = requireHost(request => app.fetch(request), answerWith(new Problem('malformed-request', BAD_HOST)))
  const counted = instrument(routed, { metrics, log, ignoredRoutes: PROBE_ROUTES, answerFailure })
  const traffic = addHeaders(counted, lifecycle)
  const error = (error: Error) => {
    log.error({ err: error }, 'exception outside of the application')
    return new Response('The service failed.\n', { status: 500 })
  }
  const { host, port, metricsPort, reusePort } = config
  const stop = (server: Bun.Server<undefined>) => server.stop(true)
  const scrapes = starting.adopt(listen(host, metricsPort, 'METRICS_PORT', exposeMetrics(registry), { error }), stop)
  const api = starting.adopt(listen(host, port, 'PORT', traffic, { error, reusePort }), stop)
  starting.defer(sampleEventLoopLag(registry))
  await app.fetch(new Request(new URL(definition.warmUp, api.url).href)) // warms up; not counted
  lifecycle.started = true

  const resources = starting.move()
  const close = () => resources.disposeAsync()
  return {
    url: api.url.origin,
    metricsUrl: new URL('/metrics', scrapes.url).href,
    close,
    async drain() {
      lifecycle.draining = true
      await Bun.sleep(config.readinessDelaySeconds * 1000)
      await Promise.race([api.stop(), Bun.sleep(config.drainTimeoutSeconds * 1000)])
      const cut = api.pendingRequests
      await close()
      return cut
    },
  }
}

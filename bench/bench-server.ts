// The application with the telemetry of one variant, named by the environment's VARIANT. Prints its URL on standard error, because
// standard output is the logs'.
import { type AnyElysia, Elysia } from 'elysia'
import { Counter, Registry } from 'prom-client'
import { createApp, ELYSIA_OPTIONS, mountModules } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import type { Parts } from '../src/definition.ts'
import { requireHost } from '../src/host.ts'
import { Lifecycle } from '../src/lifecycle.ts'
import { PROBE_ROUTES } from '../src/modules/health/index.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { exposeMetrics, listen } from '../src/server.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { sampleEventLoopLag } from '../src/telemetry/event-loop.ts'
import { addHeaders, type Handler, instrument } from '../src/telemetry/http.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { fromCatalogue, histogramFromCatalogue, Metrics } from '../src/telemetry/metrics.ts'
import { registerProcessMetrics } from '../src/telemetry/process-metrics.ts'
import { VARIANT_NAMES, type Variant } from './variants.ts'

const lifecycle = new Lifecycle()
const dependencies = ({ modules }: Parts) => ({
  config: { faults: false },
  definition: OWN_SERVICE,
  lifecycle,
  modules,
})
type Dependencies = ReturnType<typeof dependencies>

const answerFailure = () => new Response(null, { status: 500 })
const handlerOf = (app: AnyElysia) => requireHost(request => app.fetch(request), answerFailure)

/** The application with its hooks and metrics; with a line of log for each request at level info. */
function instrumented(deps: Dependencies, metrics: Metrics, level: 'info' | 'warn'): Handler {
  const log = createLogger(level)
  registerProcessMetrics(metrics.registry, OWN_SERVICE.version)
  sampleEventLoopLag(metrics.registry)
  listen('127.0.0.1', 0, 'METRICS_PORT', exposeMetrics(metrics.registry))
  const app = createApp({ ...deps, log, metrics })
  return instrument(handlerOf(app), { metrics, log, ignoredRoutes: PROBE_ROUTES, answerFailure })
}

/** Counts requests by prom-client's own methods, which look the labels up each time. */
class LibraryMetrics extends Metrics {
  readonly #registry = new Registry()
  readonly #requests = new Counter(fromCatalogue(catalogue.requests, this.#registry))
  readonly #durations = histogramFromCatalogue(catalogue.requestDuration, this.#registry)

  override requestAnswered(method: string, route: string, status: number, seconds: number): void {
    const names = catalogue.requests.labels
    const labels = { [names.method]: method, [names.route]: route, [names.status]: `${status}` }
    this.#requests.inc(labels)
    this.#durations.observe(labels, seconds)
  }
}

const handlers: Readonly<Record<Variant, (deps: Dependencies) => Handler>> = {
  bare: deps => handlerOf(mountModules(new Elysia(ELYSIA_OPTIONS).onError(answerFailure), deps)),
  metrics: deps => instrumented(deps, new Metrics(), 'warn'),
  ids: deps => addHeaders(instrumented(deps, new Metrics(), 'warn'), lifecycle),
  service: deps => addHeaders(instrumented(deps, new Metrics(), 'info'), lifecycle),
  library: deps => instrumented(deps, new LibraryMetrics(), 'warn'),
}

// Without await at the top level, which bytecode does not allow.
async function main() {
  const variant = VARIANT_NAMES.find(name => name === process.env.VARIANT)
  if (variant === undefined) throw new Error(`VARIANT: set it to one of ${VARIANT_NAMES.join(', ')}`)
  const parts = await OWN_SERVICE.start({
    config: readConfig({}, OWN_SERVICE.settings),
    log: createLogger('silent'),
    registry: new Registry(),
    resources: new AsyncDisposableStack(),
  })
  lifecycle.started = true
  const { url } = listen('127.0.0.1', Number(process.env.PORT), 'PORT', handlers[variant](dependencies(parts)))
  console.error(url.origin)
}
main()

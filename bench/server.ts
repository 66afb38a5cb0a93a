// The service with more or less around it, by VARIANT. Run as a process of its own; it says where it listens.
import { Elysia } from 'elysia'
import { Counter, Histogram, Registry } from 'prom-client'
import { name, version } from '../package.json'
import { createApp } from '../src/app.ts'
import { Lifecycle } from '../src/lifecycle.ts'
import { about } from '../src/modules/about/index.ts'
import { docs } from '../src/modules/docs/index.ts'
import { factors } from '../src/modules/factors/index.ts'
import { Queue } from '../src/modules/factors/queue.ts'
import { health, PROBE_ROUTES } from '../src/modules/health/index.ts'
import { exposeMetrics, listen } from '../src/server.ts'
import { sampleEventLoopLag } from '../src/telemetry/event-loop.ts'
import { type Handler, instrument } from '../src/telemetry/http.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { registerProcessMetrics } from '../src/telemetry/process.ts'

const lifecycle = new Lifecycle()
const queue = new Queue()

/** The application with nothing around it: no metrics, no ids, no logs. */
const bareApp = (base = new Elysia({ strictPath: true, handler: { standardHostname: false } })) =>
  base.use(factors(queue)).use(about(name, version)).use(health(lifecycle)).use(docs(name, version))

/** The service as it is, but for what is left out. */
function instrumented(level: 'warn' | 'info', ids: boolean): Handler {
  const metrics = new Metrics()
  const log = createLogger(level)
  registerProcessMetrics(metrics.registry, version)
  sampleEventLoopLag(metrics.registry)
  listen('127.0.0.1', 0, 'METRICS_PORT', exposeMetrics(metrics.registry))
  const app = createApp({ config: { faults: false }, lifecycle, log, metrics, name, queue, version })
  return instrument(request => app.fetch(request), { metrics, log, ignoredRoutes: PROBE_ROUTES, lifecycle, ids })
}

/** Metrics as tutorials have them: hooks, a timer each, and labels that are looked up each time. */
function naive(): Handler {
  const registers = [new Registry()]
  const labelNames = ['method', 'route', 'status_code']
  const requests = new Counter({ name: 'requests_total', help: 'Requests.', labelNames, registers })
  const durations = new Histogram({ name: 'duration_seconds', help: 'Durations.', labelNames, registers })
  const timers = new WeakMap<Request, () => number>()
  const hooked = new Elysia({ strictPath: true, handler: { standardHostname: false } })
    .onRequest(({ request }) => {
      timers.set(request, durations.startTimer())
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set }) => {
      const labels = {
        method: request.method,
        route: route || new URL(request.url).pathname,
        status_code: `${set.status}`,
      }
      requests.inc(labels)
      const seconds = timers.get(request)?.() ?? 0
      durations.observe(labels, seconds)
    })
  const app = bareApp(hooked)
  return request => app.fetch(request)
}

const VARIANTS: Readonly<Record<string, () => Handler>> = {
  bare: () => {
    const app = bareApp()
    return request => app.fetch(request)
  },
  metrics: () => instrumented('warn', false),
  ids: () => instrumented('warn', true),
  logs: () => instrumented('info', true),
  naive,
}

const handler = VARIANTS[process.env.VARIANT ?? '']?.()
if (handler === undefined) throw new Error(`VARIANT: it takes ${Object.keys(VARIANTS).join(', ')}`)
lifecycle.started = true
const { url } = listen('127.0.0.1', Number(process.env.PORT), 'PORT', handler)
console.error(url.origin) // standard output is the logs'

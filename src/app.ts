import { type AnyElysia, Elysia, ValidationError } from 'elysia'
import type { Config } from './config.ts'
import type { Lifecycle } from './lifecycle.ts'
import { about } from './modules/about/index.ts'
import { docs } from './modules/docs/index.ts'
import { factors } from './modules/factors/index.ts'
import type { Queue } from './modules/factors/queue.ts'
import { faults } from './modules/faults/index.ts'
import { health } from './modules/health/index.ts'
import { Problem } from './problem.ts'
import { allowedMethods } from './routes.ts'
import type { Logger } from './telemetry/logger.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { type Scope, scopeOf } from './telemetry/scope.ts'

/** What the application is made from. */
export interface AppDeps {
  readonly config: Pick<Config, 'faults'>
  readonly lifecycle: Lifecycle
  readonly log: Logger
  readonly metrics: Metrics
  readonly name: string
  readonly queue: Pick<Queue, 'run'>
  readonly version: string
}

/** Puts the application together; nothing listens yet. Every hook on Elysia's life cycle is in this file. */
export function createApp({ config, lifecycle, log, metrics, name, queue, version }: AppDeps): AnyElysia {
  const app = new Elysia({ strictPath: true, handler: { standardHostname: false } })

  app
    // An arrow that calls something is taken for asynchronous once it is minified (Elysia looks at its text), and then
    // each request waits for it.
    // biome-ignore lint/complexity/useArrowFunction: see above
    .onTransform(function ({ request, route }) {
      scopeOf(request).route = route
    })
    .onError(({ code, error, path, request, route }) => {
      const scope = scopeOf(request)
      if (route !== undefined) scope.route = route // a request that fails before the transform hook
      return problemOf(error, code, request, path, scope).toResponse(scope.id)
    })

  function problemOf(error: unknown, code: string | number, request: Request, path: string, scope: Scope): Problem {
    if (error instanceof Problem) return error
    if (request.signal.aborted && error instanceof Error && error.name === 'AbortError')
      return new Problem('client-closed-request', 'Nobody reads this.')
    if (code === 'NOT_FOUND') return notFound(request.method, path)
    if (code === 'PARSE') return new Problem('malformed-request', 'The body could not be read.')
    if (error instanceof ValidationError && error.type !== 'response')
      return new Problem('invalid-request', error.message)
    metrics.exceptionThrown(scope.route, error)
    log.error({ err: error, route: scope.route, requestId: scope.id }, 'exception')
    return new Problem('internal-error', 'The service failed; its logs know this request by its id.')
  }

  function notFound(method: string, path: string): Problem {
    const allowed = allowedMethods(app.routes, path)
    if (allowed.length === 0) return new Problem('not-found', 'The documentation of the API is at /swagger.')
    const allow = allowed.join(', ')
    return new Problem('method-not-allowed', `${method} is not one of ${allow}.`, { headers: { allow } })
  }

  app.use(factors(queue)).use(about(name, version)).use(health(lifecycle)).use(docs(name, version))
  return config.faults ? app.use(faults(lifecycle)) : app
}

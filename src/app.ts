import { type AnyElysia, Elysia, ValidationError } from 'elysia'
import type { Config } from './config.ts'
import type { Parts, ServiceDefinition } from './definition.ts'
import type { Lifecycle } from './lifecycle.ts'
import { about } from './modules/about/index.ts'
import { docs } from './modules/docs/index.ts'
import { faults } from './modules/faults/index.ts'
import { health } from './modules/health/index.ts'
import { Problem } from './problem.ts'
import { allowedMethods } from './routes.ts'
import type { Logger } from './telemetry/logger.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { noteRoute, requestIdOf, routeOf } from './telemetry/request-notes.ts'

/** What the modules of the application are made from. */
export interface ModuleDeps {
  readonly config: Pick<Config, 'faults'>
  readonly definition: Omit<ServiceDefinition, 'settings' | 'start'>
  readonly lifecycle: Lifecycle
  /** The service's own modules. */
  readonly modules: Parts['modules']
}

/** What the application is made from. */
export interface AppDeps extends ModuleDeps {
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'exceptionThrown'>
}

/** Puts the application together; nothing listens yet. Every hook on Elysia's life cycle is in this file. */
export function createApp({ log, metrics, ...deps }: AppDeps): AnyElysia {
  const app = new Elysia(ELYSIA_OPTIONS)

  app
    // Not onTransform, whose result Elysia assigns to the context of each request: 1 µs of CPU.
    // Not an arrow: Elysia takes a minified arrow that calls something for asynchronous (it looks at the function's text), and
    // would then wait for this hook in each request.
    // biome-ignore lint/complexity/useArrowFunction: see above
    .onBeforeHandle(function ({ request, route }) {
      noteRoute(request, route)
    })
    .onError(({ code, error, path, request, route }) => {
      if (route !== undefined) noteRoute(request, route) // a request that fails before the hook above
      return problemOf(error, code, request, path).toResponse(deps.definition.name, requestIdOf(request))
    })

  function problemOf(error: unknown, code: string | number, request: Request, path: string): Problem {
    if (error instanceof Problem) return error
    if (request.signal.aborted && error instanceof Error && error.name === 'AbortError')
      return new Problem('client-closed-request', 'The client closed the connection.')
    if (code === 'NOT_FOUND') return notFound(request.method, path)
    if (code === 'PARSE') return new Problem('malformed-request', 'The body could not be read.')
    if (error instanceof ValidationError && error.type !== 'response')
      return new Problem('invalid-request', describe(error))
    const route = routeOf(request)
    metrics.exceptionThrown(route, error)
    log.error({ err: error, route, requestId: requestIdOf(request) }, 'exception')
    return new Problem('internal-error', 'The service failed. Its logs have the reason under the id of this request.')
  }

  function notFound(method: string, path: string): Problem {
    const allowed = allowedMethods(app.routes, path)
    if (allowed.length === 0) return new Problem('not-found', 'The documentation of the API is at /swagger.')
    const allow = allowed.join(', ')
    return new Problem('method-not-allowed', `${method} is not one of ${allow}.`, { headers: { allow } })
  }

  return mountModules(app, deps)
}

/** What is wrong with a request, in one line. (The error's own message is a page of JSON.) */
function describe({ type, all }: ValidationError): string {
  const faults = all as readonly { readonly path?: string; readonly message?: string }[]
  return `${faults.map(({ path = '', message }) => `${type}${path}: ${message}`).join('; ')}.`
}

/** `standardHostname` would have Elysia misread the path of a request whose host has fewer than four characters. */
export const ELYSIA_OPTIONS = { strictPath: true, handler: { standardHostname: false } } as const

/** Mounts the modules of the application. */
export function mountModules(app: AnyElysia, { config, definition, lifecycle, modules }: ModuleDeps): AnyElysia {
  for (const module of modules) app.use(module)
  app.use(about(definition)).use(health(lifecycle)).use(docs(definition))
  return config.faults ? app.use(faults(lifecycle)) : app
}

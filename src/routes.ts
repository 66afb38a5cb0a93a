import { UNMATCHED_ROUTE } from './telemetry/catalogue.ts'
import type { RouteSeries } from './telemetry/metrics.ts'

/** A route as `Elysia#routes` lists it. */
interface Route {
  readonly method: string
  readonly path: string
  readonly hooks: {
    readonly detail?: { readonly responses?: object }
    /** Schemas by status; or one schema, or the name of one, for status 200. */
    readonly response?: object | string
    /** Schemas of the request. */
    readonly body?: unknown
    readonly params?: unknown
    readonly query?: unknown
    readonly headers?: unknown
  }
}

/** The methods that a route takes. Elysia answers HEAD for a route of GET; one of ALL, which takes any, counts as GET's. */
const methodsOf = ({ method }: Route) => (method === 'GET' || method === 'ALL' ? ['GET', 'HEAD'] : [method])

/** Whether a path has the shape of a template: equal literals, a segment for each `:parameter`, anything for a final `*`. */
function matches(template: string, path: string): boolean {
  const expected = template.split('/')
  const segments = path.split('/')
  const fits = (part: string, i: number) => {
    const segment = segments[i]
    if (part === '*') return segment !== undefined
    if (part.startsWith(':')) return segment !== '' && (segment !== undefined || part.endsWith('?'))
    return part === segment
  }
  return expected.every(fits) && (segments.length <= expected.length || expected.at(-1) === '*')
}

/** The methods that a path takes, for `Allow`; empty where no route has the path. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter(route => matches(route.path, path)).flatMap(methodsOf)
  return [...new Set(methods)].sort()
}

/**
 * The statuses that a route can answer with: those that it documents by `detail.responses` or by `response`, 200 where it
 * documents none; 422 where the request has a schema; and 500.
 */
function possibleStatuses({ hooks: { detail, response, ...schemas } }: Route): number[] {
  const byStatus = typeof response === 'object' ? response : {}
  const keys = [...Object.keys(detail?.responses ?? {}), ...Object.keys(byStatus)].map(Number)
  const documented = keys.filter(Number.isInteger) // neither 'default' nor a single schema's own keys
  const hasSchema = [schemas.body, schemas.params, schemas.query, schemas.headers].some(Boolean)
  const statuses = [...(documented.length === 0 ? [200] : documented), ...(hasSchema ? [422] : []), 500]
  return [...new Set(statuses)].sort((a, b) => a - b)
}

/**
 * The series to declare: those of each route that is traffic, with the statuses that the route can answer with, and those of requests
 * that match no route. HEAD has the failures alone: few clients use HEAD, and its other series would double the exposition.
 */
export function documentedRoutes(routes: readonly Route[], ignored: ReadonlySet<string>): RouteSeries[] {
  const series = routes.flatMap(route => {
    if (ignored.has(route.path)) return []
    const statuses = possibleStatuses(route)
    return methodsOf(route).map(method => ({
      method,
      route: route.path,
      statuses: method === 'HEAD' ? statuses.filter(status => status >= 400) : statuses,
    }))
  })
  return [...series, { method: 'GET', route: UNMATCHED_ROUTE, statuses: [404, 405] }]
}

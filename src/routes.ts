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

/** The statuses that a route documents, by `detail.responses` or by `response`; 200 where it documents none. */
function documentedStatuses({ hooks: { detail, response } }: Route): number[] {
  const schemas = typeof response === 'object' ? response : {}
  const keys = [...Object.keys(detail?.responses ?? {}), ...Object.keys(schemas)].map(Number)
  const statuses = new Set(keys.filter(Number.isInteger)) // neither 'default' nor a single schema's own keys
  return statuses.size === 0 ? [200] : [...statuses].sort((a, b) => a - b)
}

/**
 * The series to declare: those of each route that is traffic, with the statuses that the route documents, and those of requests
 * that match no route. HEAD has the failures alone: few clients use HEAD, and its other series would double the exposition.
 */
export function documentedRoutes(routes: readonly Route[], ignored: ReadonlySet<string>): RouteSeries[] {
  const series = routes.flatMap(route => {
    if (ignored.has(route.path)) return []
    const statuses = documentedStatuses(route)
    return methodsOf(route).map(method => ({
      method,
      route: route.path,
      statuses: method === 'HEAD' ? statuses.filter(status => status >= 400) : statuses,
    }))
  })
  return [...series, { method: 'GET', route: UNMATCHED_ROUTE, statuses: [404, 405] }]
}

import { UNMATCHED_ROUTE } from './telemetry/catalogue.ts'
import type { RouteSeries } from './telemetry/metrics.ts'

/** A route as Elysia lists it. */
interface Route {
  readonly method: string
  readonly path: string
  readonly hooks: { readonly detail?: { readonly responses?: object } }
}

/** True where a path has the shape of a route's template: the same literal segments, and something for each parameter. */
function matches(template: string, segments: readonly string[]): boolean {
  const expected = template.split('/')
  const fits = (part: string, i: number) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i])
  return segments.length === expected.length && expected.every(fits)
}

/** The methods that a path takes, for `Allow`; empty where no route has the path. A route that takes GET takes HEAD. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const segments = path.split('/')
  const methods = routes.filter(route => matches(route.path, segments)).map(route => route.method)
  return [...new Set(methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort()
}

/** The routes that are traffic, with the statuses that their documentation names; 200 where a route is not documented. */
export function documentedRoutes(routes: readonly Route[], ignored: ReadonlySet<string>): RouteSeries[] {
  const documented = routes.map(({ method, path, hooks }) => {
    const statuses = Object.keys(hooks.detail?.responses ?? { 200: undefined }).map(Number)
    return { method, route: path, statuses: statuses.filter(Number.isInteger) } // 'default' is no status of its own
  })
  const traffic = documented.filter(({ route }) => !ignored.has(route))
  return [...traffic, { method: 'GET', route: UNMATCHED_ROUTE, statuses: [404, 405] }]
}

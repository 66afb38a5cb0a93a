import type { Registry } from 'prom-client'
import { requireHost, withAbsoluteUrl } from './host.ts'
import type { Handler } from './telemetry/http.ts'

const LIMITS = {
  /** Bun answers 413 to a body of more bytes: no route takes a large one. */
  maxRequestBodySize: 64 * 1024,
  /** Seconds without a byte after which Bun closes a connection. Only a deep overload delays an answer as long. */
  idleTimeout: 60,
}

/** The service cannot listen on an address. The message is one line that names the variable to change. */
export class ListenError extends Error {}

/** Answers a request that Bun could not hand over, or whose handler threw: without it, Bun prints the stack as plain text. */
type OnError = (error: Error) => Response

/**
 * Listens on a port of a host (0: any free port). Throws a {@link ListenError} that names `variable` when the address is in
 * use or does not belong to this machine.
 * @param options.reusePort whether other processes that set it too may listen on the same port and share its connections; without
 *   it a second process fails, and does not take half of the requests by mistake
 */
export function listen(
  hostname: string,
  port: number,
  variable: string,
  handler: Handler,
  options: { reusePort?: boolean; error?: OnError } = {},
): Bun.Server<undefined> {
  try {
    const fetch = withAbsoluteUrl(handler)
    return Bun.serve({ reusePort: false, ...options, hostname, port, fetch, development: false, ...LIMITS })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    // Where the kernel has no IPv6, `::` cannot be listened on, and IPv4 is every address that there is.
    if (hostname === '::' && reason !== 'EADDRINUSE') return listen('0.0.0.0', port, variable, handler, options)
    const why = reason === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${reason})`
    throw new ListenError(`${variable}: port ${port} of ${hostname} ${why}; set HOST or ${variable} to another`)
  }
}

/** Serves a registry at `/metrics`. */
export function exposeMetrics(registry: Registry): Handler {
  return requireHost(serveMetrics, () => new Response('The Host header is not valid.\n', { status: 400 }))

  async function serveMetrics(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/metrics')
      return new Response('The metrics are at /metrics.\n', { status: 404 })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response('GET or HEAD only.\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
  }
}

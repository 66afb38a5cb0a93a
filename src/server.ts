import type { Registry } from 'prom-client'
import type { Handler } from './telemetry/http.ts'

const LIMITS = {
  /** Bun answers 413 to a body of more bytes: no route takes a large one. */
  maxRequestBodySize: 64 * 1024,
  /** Seconds without a byte after which Bun closes a connection. Only a deep overload delays an answer as long. */
  idleTimeout: 60,
}

/** The service cannot listen on an address. The message is one line that names the variable to change. */
export class ListenError extends Error {}

/**
 * Listens on a port of a host (0: any free port). Throws a {@link ListenError} that names `variable` when the address is in
 * use or does not belong to this machine.
 * @param reusePort whether other processes that set it too may listen on the same port and share its connections; without
 *   it a second process fails, and does not take half of the requests by mistake
 */
export function listen(hostname: string, port: number, variable: string, fetch: Handler, reusePort = false) {
  try {
    return Bun.serve({ hostname, port, fetch, reusePort, development: false, ...LIMITS })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    const why = reason === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${reason})`
    throw new ListenError(`${variable}: port ${port} of ${hostname} ${why}; set HOST or ${variable} to another`)
  }
}

/** Serves a registry at `/metrics`. */
export function exposeMetrics(registry: Registry): Handler {
  return async request => {
    if (new URL(request.url).pathname !== '/metrics')
      return new Response('The metrics are at /metrics.\n', { status: 404 })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response('GET or HEAD only.\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
  }
}

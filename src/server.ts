import type { Registry } from 'prom-client'
import type { Handler } from './telemetry/http.ts'

const LIMITS = {
  /** Bodies of more bytes are refused by Bun with 413: nothing here takes a large one. */
  maxRequestBodySize: 64 * 1024,
  /** Seconds without a byte after which Bun closes a connection; more than any answer takes but under a deep overload. */
  idleTimeout: 60,
}

/** An address cannot be listened on. Its message is one line that names the variable to change. */
export class ListenError extends Error {}

/**
 * Listens on one port of a host (0: any free one). Throws a {@link ListenError} that names `variable` where the address is
 * taken or not ours.
 * @param reusePort whether other processes that say so too may listen there, each getting its share of the connections;
 *   else a second process must fail, not take half of the requests
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

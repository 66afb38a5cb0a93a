/** The kinds of error that the API answers with: HTTP status and title (RFC 9457). */
const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request could not be read' },
  'not-found': { status: 404, title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  refused: { status: 409, title: 'The request is valid, but it is refused' },
  'unacceptable-integer': { status: 422, title: 'The number in the path is not accepted' },
  'invalid-request': { status: 422, title: 'The request does not match its schema' },
  'client-closed-request': { status: 499, title: 'The client closed the connection before its answer' },
  'internal-error': { status: 500, title: 'The service failed' },
  'dependency-failed': { status: 503, title: 'Something that the service needs does not work' },
  'not-ready': { status: 503, title: 'The service takes no traffic now' },
  'injected-fault': { status: 500, title: 'A fault was requested' },
} as const

/** Name of a kind of error: the last part of `type`, by which clients tell errors apart. */
export type ProblemKind = keyof typeof PROBLEMS

/** An expected error. Thrown by handlers; answered as `application/problem+json` and not counted as an exception. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  /** @param detail what went wrong this time and what to do, for people */
  constructor(kind: ProblemKind, detail: string, { status = PROBLEMS[kind].status as number, headers = {} } = {}) {
    super(detail)
    this.kind = kind
    this.status = status
    this.headers = headers
  }

  /**
   * The answer to the client: the members of RFC 9457, and the id of the request in the logs.
   * @param service name of the service
   */
  toResponse(service: string, requestId: string): Response {
    const { kind, status, message: detail } = this
    const type = `urn:problem-type:${service}:${kind}`
    const headers = { ...this.headers, 'content-type': 'application/problem+json' }
    return Response.json({ type, title: PROBLEMS[kind].title, status, detail, requestId }, { status, headers })
  }
}

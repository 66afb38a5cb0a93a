import { WaitingLine } from './waiting-line.ts'

/**
 * A fixed number of connections. Each serves one caller at a time; other callers wait in the order of arrival, where the
 * service can count them. A client library's own pool hides that queue.
 */
export class Pool<Connection extends AsyncDisposable> implements AsyncDisposable {
  readonly #connections: readonly Connection[]
  readonly #idle: Connection[]
  readonly #line = new WaitingLine()
  #closed: Error | undefined

  /** @param connections all of the pool; it closes them */
  constructor(connections: readonly Connection[]) {
    this.#connections = connections
    this.#idle = [...connections]
  }

  /** Opens `size` connections, all at once. Rejects when one cannot be opened, and then leaves none open. */
  static async open<Connection extends AsyncDisposable>(size: number, connect: () => Promise<Connection>) {
    const opening = await Promise.allSettled(Array.from({ length: size }, connect))
    const open = opening.flatMap(each => (each.status === 'fulfilled' ? each.value : []))
    const failed = opening.find(each => each.status === 'rejected')
    if (failed === undefined) return new Pool(open)
    await Promise.all(open.map(connection => connection[Symbol.asyncDispose]()))
    throw failed.reason
  }

  /** Number of callers that wait for a connection. */
  get waiting(): number {
    return this.#line.length
  }

  /** Number of connections that serve a caller. */
  get busy(): number {
    return this.#connections.length - this.#idle.length
  }

  /**
   * Does `work` with a connection. Rejects with what `work` rejects with; or, while waiting, with the signal's reason when the
   * signal aborts. Rejects with an Error when the pool is closed.
   */
  use<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const serve = async () => {
      const connection = this.#idle.pop() as Connection // the line moves only while one is idle
      try {
        return await work(connection)
      } finally {
        this.#idle.push(connection)
        this.#lend()
      }
    }
    const done = this.#line.add(serve, signal)
    this.#lend()
    return done
  }

  #lend(): void {
    if (this.#idle.length > 0) this.#line.next()
  }

  /** Closes every connection. Callers that wait, and those that come later, get an Error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = new Error('The pool is closed.')
    this.#line.clear(this.#closed)
    await Promise.all(this.#connections.map(connection => connection[Symbol.asyncDispose]()))
  }
}

import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { startProgram } from '../../../lib/process.ts'
import type { PartFaults, Platform } from '../../../platforms/platform.ts'
import { COSTS } from '../../../service.config.ts'
import type { Cause } from '../alert-result.ts'

/** What causes act on. */
export interface CauseContext {
  readonly platform: Platform
  readonly parts: PartFaults
  /** Users that send requests all the time. */
  readonly users: RepeatedTask
  /** Requests a fault of the service once; resolves when the service has answered. */
  fault(path: string): Promise<void>
  /** Scales the service and waits until Prometheus has scraped all replicas. */
  scale(replicas: number): Promise<void>
}

/** A cause that acts on the stack. */
export type StackCause = Omit<Cause, 'inflict'> & { inflict(context: CauseContext): Promise<() => Promise<void>> }

/** A task that repeats from `start` to `stop`; it may be started again. */
export interface RepeatedTask {
  start(): void
  stop(): Promise<void>
}

/** Clients that each do `work` at a constant rate, one call after the other. Errors of `work` are ignored. */
export function repeat(clients: number, perSecond: number, work: () => Promise<unknown>): RepeatedTask {
  let running: AbortController | undefined
  let done: Promise<unknown> = Promise.resolve()
  async function runClient(signal: AbortSignal) {
    for (let turn = Date.now(); !signal.aborted; ) {
      await work().catch(() => {})
      turn = Math.max(turn + 1000 / perSecond, Date.now() - 1000) // no burst after a slow answer
      await wait(Math.max(0, turn - Date.now()), undefined, { signal }).catch(() => {})
    }
  }
  return {
    start() {
      if (running !== undefined) return
      running = new AbortController()
      const { signal } = running
      done = Promise.all(Array.from({ length: clients }, () => runClient(signal)))
    },
    async stop() {
      running?.abort()
      running = undefined
      await done
    },
  }
}

/** Begins with `begin` and ends with `end`. Default of `end`: the effect of `begin` ends without help. */
export const lasting =
  (
    begin: (context: CauseContext) => Promise<unknown>,
    end: (context: CauseContext) => Promise<void> = async () => {},
  ): StackCause['inflict'] =>
  async context => {
    await begin(context)
    return () => end(context)
  }

/** Repeats `work` while the cause lasts; see {@link repeat}. */
export const repeated =
  (clients: number, perSecond: number, work: (context: CauseContext) => Promise<unknown>): StackCause['inflict'] =>
  async context => {
    const task = repeat(clients, perSecond, () => work(context))
    task.start()
    return () => task.stop()
  }

/** Sends a request and reads the answer. Throws after `timeoutMs`, so that a replica that hangs does not block the client. */
export async function request(url: string, method = 'GET', timeoutMs = 2000, body?: object): Promise<Response> {
  // A new connection for each request, so that every replica gets a share.
  const response = await fetch(url, {
    method,
    headers: { connection: 'close', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  await response.arrayBuffer()
  return response
}

/** Sends a request of the load, by default a costly one; gives up after 5 s. */
export async function sendLoad(
  { platform }: Pick<CauseContext, 'platform'>,
  { method, path, body } = SERVICE_CONFIG.load.request(COSTS[0], 0),
): Promise<Response> {
  return request(`${await platform.api()}${path}`, method, 5000, body)
}

/** Starts `perCore` busy processes for each core, with the lowest priority; returns a function that ends them. */
export function spin(perCore: number): () => Promise<void> {
  const command = ['nice', '-n', '19', process.execPath, '-e', 'for (;;);']
  const children = Array.from({ length: perCore * availableParallelism() }, () => startProgram(command))
  return async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ exited }) => exited))
  }
}

/** Whether the service runs with FAULTS=on. */
export const hasFaults = async (api: string) => (await request(`${api}/faults/delay/0`, 'POST')).status === 200

import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { startProgram } from '../../../lib/process.ts'
import type { PartFaults, Platform } from '../../../platforms/platform.ts'

/** What causes work with: the service that is asked, and the stack that is harmed. */
export interface Scene {
  readonly platform: Platform
  readonly parts: PartFaults
  /** The users, who ask all the time, and may stop. */
  readonly users: Repeated
  /** Asks for a fault of the service, once; resolves when it is answered. */
  fault(path: string): Promise<void>
  /** Scales, and waits until all of it is scraped. */
  scale(replicas: number): Promise<void>
  /** Makes the receiver refuse what Alertmanager sends, until it takes it again. */
  refuse(): Promise<() => Promise<void>>
}

/** Something that goes on until it is stopped; it may be started again. */
export interface Repeated {
  start(): void
  stop(): Promise<void>
}

/** Does something at an even pace, a second's share each, one after the other; what fails is done again at its next turn. */
export function repeat(perSecond: number, work: () => Promise<unknown>): Repeated {
  let going: AbortController | undefined
  let done: Promise<void> = Promise.resolve()
  async function go(signal: AbortSignal) {
    for (let turn = Date.now(); !signal.aborted; ) {
      await work().catch(() => {})
      turn = Math.max(turn + 1000 / perSecond, Date.now() - 1000) // no burst after a long wait
      await wait(Math.max(0, turn - Date.now()), undefined, { signal }).catch(() => {})
    }
  }
  return {
    start() {
      if (going !== undefined) return
      going = new AbortController()
      done = go(going.signal)
    },
    async stop() {
      going?.abort()
      going = undefined
      await done
    },
  }
}

/** Asks an address; what users wait for at most, so that one that hangs does not stop the others. */
export async function ask(url: string, method = 'GET', patience = 2000): Promise<Response> {
  // a connection for each, so that every replica gets its share
  const response = await fetch(url, { method, headers: { connection: 'close' }, signal: AbortSignal.timeout(patience) })
  await response.arrayBuffer()
  return response
}

/** Keeps so many processes busy for each core, last in the line for it; returns what ends them. */
export function spin(perCore: number): () => Promise<void> {
  const command = ['nice', '-n', '19', process.execPath, '-e', 'for (;;);']
  const children = Array.from({ length: perCore * availableParallelism() }, () => startProgram(command))
  return async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ exited }) => exited))
  }
}

/** Whether the service runs with its faults. */
export const hasFaults = async (api: string) => (await ask(`${api}/faults/delay/0`, 'POST')).status === 200

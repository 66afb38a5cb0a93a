import { join } from 'node:path'
import { collect, endProgram, startServer } from '../lib/process.ts'
import type { Variant } from './variants.ts'

/** What a run of load saw: the output of generator.ts. */
export interface Run {
  readonly requests: number
  readonly seconds: number
  /** The 99th percentile of the latency, and the longest of all, in seconds. */
  readonly p99: number
  readonly longest: number
  /** CPU time of the server's process in seconds, all threads together. */
  readonly cpu: number
  /** Idle time of the server's core in seconds. Some of the kernel's work for sockets is in no process's CPU time. */
  readonly idle: number
}

/** A server that runs, alone on the first core. */
export interface Server {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

const pinnedTo = (core: number, ...command: string[]) => ['taskset', '-c', `${core}`, ...command]

/** Starts a variant of the compiled server on the first core. Its log goes to /dev/null, its URL (on standard error) here. */
export async function startVariant(binary: string, variant: Variant): Promise<Server> {
  const env = { ...process.env, VARIANT: variant, PORT: '0' }
  const command = pinnedTo(0, 'sh', '-c', 'exec "$0" 2>&1 >/dev/null', binary)
  const { child, match } = await startServer(command, /^http:\S+$/, { env, timeoutSeconds: 10 })
  return { url: match[0], pid: child.pid, stop: () => endProgram(child, 1) }
}

/** Loads a server from the second core. `amount` is in seconds, or in requests. */
export async function load(
  { url, pid }: Pick<Server, 'url' | 'pid'>,
  connections: number,
  amount: number,
  unit: 'seconds' | 'requests' = 'seconds',
): Promise<Run> {
  const generator = [process.execPath, join(import.meta.dir, 'generator.ts')]
  const { code, out, err } = await collect(
    pinnedTo(1, ...generator, url, `${pid}`, `${connections}`, `${amount}`, unit),
  )
  if (code !== 0) throw new Error(`the generator ended with ${code}: ${err}`)
  return JSON.parse(out)
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPiped } from '../lib/process.ts'

/** What a run of load saw. */
export interface Run {
  readonly requests: number
  readonly seconds: number
  /** The 99th percentile of the latency, and the longest of all, in seconds. */
  readonly p99: number
  readonly longest: number
  /** CPU time that the server spent in it, in seconds, all of its threads together. */
  readonly cpu: number
  /** How long the server's core had nothing to do, in seconds. What the kernel does for its sockets is in nobody's CPU time. */
  readonly idle: number
}

/** A server that runs, alone on the first core. */
export interface Server {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** Ticks of /proc in a second (USER_HZ, 100 on Linux everywhere). */
const TICKS = 100

/** The CPU time of a process in seconds, from the text of its /proc/PID/stat: fields 14 and 15, after a name that may hold anything. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** The idle time of the first core in seconds, from the text of /proc/stat: fields 4 (idle) and 5 (waiting for a disk). */
export function idleSeconds(stat: string): number {
  const [, , , , idle, waiting] = (/^cpu0 .*$/m.exec(stat)?.[0] ?? '').split(/ +/)
  return (Number(idle) + Number(waiting)) / TICKS
}

const idleOf = () => idleSeconds(readFileSync('/proc/stat', 'utf8'))

const cpuOf = (pid: number) => cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'))

const pinned = (core: number, command: readonly string[]) => startPiped(['taskset', '-c', `${core}`, ...command])

/** Starts a variant of the compiled server on the first core; its logs go nowhere. */
export async function startServer(binary: string, variant: string): Promise<Server> {
  const command = ['sh', '-c', 'exec env VARIANT="$1" PORT=0 "$2" >/dev/null', '-', variant, binary]
  const child = pinned(0, command)
  let said = ''
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += chunk
    const url = /^http:\S+/m.exec(said)?.[0]
    if (url === undefined) continue
    return {
      url,
      pid: child.pid,
      async stop() {
        child.kill('SIGKILL')
        await child.exited
      },
    }
  }
  throw new Error(`the server of ${variant} ended: ${said}`)
}

/** Loads a server from the second core; `amount` is in seconds, or in requests. Its CPU time is not known where its pid is not. */
export async function load(
  { url, pid }: Pick<Server, 'url'> & Partial<Server>,
  path: string,
  connections: number,
  amount: number,
  unit: 'seconds' | 'requests' = 'seconds',
): Promise<Run> {
  const cpu = () => (pid === undefined ? Number.NaN : cpuOf(pid))
  const [before, idleBefore] = [cpu(), idleOf()]
  const command = [
    process.execPath,
    join(import.meta.dir, 'generator.ts'),
    `${url}${path}`,
    `${connections}`,
    `${amount}`,
    unit,
  ]
  const child = pinned(1, command)
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`the generator ended with ${code}: ${err}`)
  return { ...(JSON.parse(out) as Omit<Run, 'cpu' | 'idle'>), cpu: cpu() - before, idle: idleOf() - idleBefore }
}

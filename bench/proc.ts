import { readFileSync } from 'node:fs'

/** Ticks of /proc in a second (USER_HZ, 100 on Linux everywhere). */
const TICKS = 100

/** CPU time in seconds from the text of a /proc/PID/stat: fields 14 and 15, after a name in brackets that may hold anything. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** Idle time of the first core in seconds from the text of /proc/stat: fields 4 (idle) and 5 (waiting for a disk). */
export function parseIdleSeconds(stat: string): number {
  const [, , , , idle, waiting] = (/^cpu0 .*$/m.exec(stat)?.[0] ?? '').split(/ +/)
  return (Number(idle) + Number(waiting)) / TICKS
}

/** CPU time that a process has used, all threads together, and idle time of the first core; in seconds. */
export function usage(pid: string): { cpu: number; idle: number } {
  return {
    cpu: parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    idle: parseIdleSeconds(readFileSync('/proc/stat', 'utf8')),
  }
}

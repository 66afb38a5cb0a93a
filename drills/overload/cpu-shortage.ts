import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuUsage } from 'node:process'
import { every } from '../../lib/poll.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS, JOBS } from '../../monitoring/targets.ts'
import type { Phase } from './overload-result.ts'

/** CPU use of the machine in one second. Ratios are from 0 to 1. */
export interface CPUSecond {
  /** Unix time in seconds, at the end of that second. */
  readonly at: number
  /** Share of the CPU time of all cores in which nothing ran. */
  readonly idle: number
  /** Share of the CPU time that the hypervisor gave to other machines. */
  readonly steal: number
  /** Share of the time in which a task waited for a CPU (pressure stall information); undefined where the kernel has none. */
  readonly pressure?: number | undefined
  /** Tasks that ran or waited for a CPU at the end of the second. */
  readonly runnable: number
  /** CPU time of a fixed calculation, in milliseconds: shows the speed of a core. Undefined on the node of a cluster. */
  readonly calculation?: number
}

/** Bounds from which a second counts as one without CPU left. */
const BOUNDS = {
  /** Maximum idle share of the time, while tasks waited. */
  idle: 0.1,
  /** Minimum share of the time in which tasks waited. The drill's own processes cause 0.02 to 0.08 (measured). */
  pressure: 0.2,
  /** Minimum number of runnable tasks per core. */
  runnable: 1.5,
  /** Minimum share of the time that the hypervisor took. */
  steal: 0.1,
  /** Minimum CPU time of the calculation, in multiples of its fastest second. */
  slowdown: 1.5,
} as const

/** Minimum share of seconds without CPU left, from which a phase counts as short of CPU. */
const SHARE = 0.2

/** Whether the machine had no CPU left in a second; `fastest` is the least CPU time that the fixed calculation took. */
function isShort({ idle, steal, pressure = 0, runnable, calculation = 0 }: CPUSecond, cores: number, fastest: number) {
  const waiting = pressure >= BOUNDS.pressure || runnable >= BOUNDS.runnable * cores
  return steal >= BOUNDS.steal || (idle <= BOUNDS.idle && waiting) || calculation >= BOUNDS.slowdown * fastest
}

/** One sentence with the evidence for each phase in which the machine had no CPU left. */
export function describeShortage(
  seconds: readonly CPUSecond[],
  phases: readonly Pick<Phase, 'title' | 'begin' | 'end'>[],
  cores: number = availableParallelism(),
): string[] {
  const fastest = Math.min(...seconds.map(({ calculation = Number.POSITIVE_INFINITY }) => calculation))
  return phases.flatMap(({ title, begin, end }) => {
    const during = seconds.filter(({ at }) => at > begin && at <= end + 1)
    const short = during.filter(second => isShort(second, cores, fastest))
    if (short.length === 0 || short.length < SHARE * during.length) return []
    const mean = (value: (second: CPUSecond) => number) =>
      short.reduce((sum, second) => sum + value(second), 0) / short.length
    const percent = (value: (second: CPUSecond) => number) => `${Math.round(100 * mean(value))} %`
    const slowdown = mean(({ calculation = 0 }) => calculation) / fastest
    const evidence = [
      `idle ${percent(({ idle }) => idle)}`,
      `tasks waited ${percent(({ pressure = 0 }) => pressure)} of the time`,
      `${mean(({ runnable }) => runnable).toFixed(1)} runnable tasks on ${cores} cores`,
      `steal ${percent(({ steal }) => steal)}`,
      ...(slowdown > 0 ? [`a fixed calculation took ${slowdown.toFixed(1)} times its least CPU time`] : []),
    ]
    return [`${title}: no CPU was left in ${short.length} of ${during.length} samples (${evidence.join(', ')})`]
  })
}

/** CPU use of the node of a cluster according to node_exporter, one sample per scrape, and the node's number of cores. */
export async function readNode(
  prometheus: PrometheusClient,
  begin: number,
  end: number,
  scrapeInterval: number,
): Promise<{ readonly samples: CPUSecond[]; readonly cores: number }> {
  const window = `${4 * scrapeInterval}s`
  const cpu = (mode: string) => select(EXPORTERS.nodeCPU, { job: JOBS.node, mode })
  const read = async (query: string) => {
    const [answer] = await prometheus.range(query, begin, end, scrapeInterval)
    return new Map(answer?.samples)
  }
  const [idle, steal, pressure, runnable, cores = 1] = await Promise.all([
    read(`avg(sum without (mode) (rate(${cpu('=~idle|iowait')}[${window}])))`),
    read(`avg(rate(${cpu('steal')}[${window}]))`),
    read(`max(rate(${select(EXPORTERS.nodePressureCPU, { job: JOBS.node })}[${window}]))`),
    read(`max(${select(EXPORTERS.nodeRunnable, { job: JOBS.node })})`),
    prometheus.value(`count(${cpu('idle')})`, end),
  ])
  const samples = [...idle].map(([at, share]) => ({
    at,
    idle: share,
    steal: steal.get(at) ?? 0,
    pressure: pressure.get(at),
    runnable: runnable.get(at) ?? 0,
  }))
  return { samples, cores }
}

/**
 * Reads /proc/stat and /proc/pressure/cpu, see proc(5): CPU time since the machine started in ticks, and microseconds in which a
 * task waited for a CPU. Throws on a system without /proc.
 */
function read() {
  const stat = readFileSync('/proc/stat', 'utf8')
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? []
  const [, , , idle = 0, iowait = 0, , , steal = 0] = ticks
  const total = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0) // guest time is part of user time
  const runnable = Number(/^procs_running (\d+)$/m.exec(stat)?.[1] ?? 0)
  const pressure = existsSync(PRESSURE) ? readFileSync(PRESSURE, 'utf8') : '' // some kernels have none
  const waited = /^some .*total=(\d+)$/m.exec(pressure)?.[1]
  return { at: Date.now(), total, idle: idle + iowait, steal, runnable, waited: waited && Number(waited) }
}

const PRESSURE = '/proc/pressure/cpu'

/** Divisions of the fixed calculation, and its repetitions: the fastest was not interrupted. */
const [DIVISIONS, TIMES] = [100_000, 3]

/** Least CPU time of a fixed calculation in milliseconds, about 0.3. */
function timeCalculation(): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < TIMES; i++) {
    const before = cpuUsage()
    let sum = 0
    for (let k = 1; k <= DIVISIONS; k++) if (Number.isInteger(1e12 / k)) sum++
    const { user, system } = cpuUsage(before)
    if (sum > 0) least = Math.min(least, (user + system) / 1000)
  }
  return least
}

/** Records the CPU use of this machine each second until `stop` is called. Records nothing on a system without /proc. */
export function recordCPU(): { readonly seconds: readonly CPUSecond[]; stop(): void } {
  const seconds: CPUSecond[] = []
  for (let i = 0; i < 20; i++) timeCalculation() // until the calculation is compiled
  let before: ReturnType<typeof read> | undefined
  const stop = every(1, () => {
    const now = read()
    if (before !== undefined) {
      const total = Math.max(1, now.total - before.total)
      const elapsed = (now.at - before.at) * 1000
      seconds.push({
        at: now.at / 1000,
        idle: (now.idle - before.idle) / total,
        steal: (now.steal - before.steal) / total,
        pressure: now.waited && before.waited ? (now.waited - before.waited) / elapsed : undefined,
        runnable: now.runnable,
        calculation: timeCalculation(),
      })
    }
    before = now
  })
  return { seconds, stop }
}

// The process that keeps a local stack running: the parent of every replica and program, which answers requests on a socket.
import { rmSync, writeFileSync } from 'node:fs'
import pLimit from 'p-limit'
import { UserError } from '../../lib/user-error.ts'
import type { Status } from '../platform.ts'
import { findCPULimit } from './cpu-limit.ts'
import { GRAFANA, startGrafana } from './grafana.ts'
import {
  demandFree,
  isFree,
  type LocalSettings,
  MONITORING_PORTS,
  mostReplicas,
  PID_FILE,
  PORTS_FILE,
  readLocalSettings,
} from './local-settings.ts'
import { listReplicas, metricsPort, monitoringSpecs, replicaSpec } from './specs.ts'
import { SupervisedProcess } from './supervised-process.ts'

/** Name of the socket in the folder of the stack. */
export const SOCKET = 'control.sock'

class Supervisor {
  readonly #settings: LocalSettings
  readonly #limit: ReturnType<typeof findCPULimit>
  readonly #replicas: SupervisedProcess[] = []
  #monitoring: SupervisedProcess[] = []

  constructor(settings: LocalSettings) {
    this.#settings = settings
    this.#limit = findCPULimit(settings.cpuLimit)
  }

  async status(): Promise<Status> {
    const parts = await Promise.all([...this.#replicas, ...this.#monitoring].map(supervised => supervised.part()))
    const cpuLimit = this.#limit.description
    return { replicas: this.#replicas.length, monitoring: this.#monitoring.length > 0, cpuLimit, parts }
  }

  /** Starts the monitoring stack unless it runs. If one program does not start, stops all of them. */
  async monitor(): Promise<void> {
    if (this.#monitoring.length > 0) return
    demandFree(this.#settings, MONITORING_PORTS)
    const specs = await monitoringSpecs(this.#settings)
    this.#monitoring = specs.map(spec => new SupervisedProcess(spec, this.#settings.startTimeoutSeconds))
    try {
      await Promise.all(this.#monitoring.map(supervised => supervised.start()))
    } catch (error) {
      await Promise.all(this.#monitoring.splice(0).map(supervised => supervised.stop()))
      throw error
    }
  }

  /** Starts Grafana unless it runs. Returns one line when Grafana does not start: nothing depends on Grafana. */
  async startGrafana(): Promise<string | undefined> {
    if (this.#monitoring.some(({ spec }) => spec.name === GRAFANA)) return undefined
    const grafana = await startGrafana(this.#settings, process.env)
    if (typeof grafana === 'string') return grafana
    this.#monitoring.push(grafana)
    return undefined
  }

  async scale(wanted: number): Promise<void> {
    const most = mostReplicas(this.#settings)
    if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > most)
      throw new UserError(
        `REPLICAS: "${wanted}" is not accepted; it takes 1 to ${most} here, because a replica may use ${this.#settings.cpuLimit} cores (CPU_LIMIT)`,
      )
    while (this.#replicas.length < wanted) await this.#addReplica(this.#replicas.length)
    const surplus = this.#replicas.splice(wanted)
    await listReplicas(this.#settings, this.#replicas.length) // first, else Prometheus would report the surplus replicas as down
    await Promise.all(surplus.map(replica => this.#stopReplica(replica)))
  }

  /** Sends a signal to a replica or a program of the monitoring stack. */
  signal(name: string, signal: string): void {
    const supervised = [...this.#replicas, ...this.#monitoring].find(({ spec }) => spec.name === name)
    if (supervised === undefined)
      throw new UserError(`no part of the stack is called ${name}; "make status" lists them`)
    supervised.signal(signal as NodeJS.Signals)
  }

  /** Stops everything: the monitoring stack first, else it would report the replicas as down. */
  async stop(): Promise<string[]> {
    const monitoring = await Promise.all(this.#monitoring.splice(0).map(supervised => supervised.stop()))
    return [...monitoring, ...(await Promise.all(this.#replicas.splice(0).map(replica => this.#stopReplica(replica))))]
  }

  async #stopReplica(replica: SupervisedProcess): Promise<string> {
    const how = await replica.stop()
    this.#limit.release(replica.spec.name)
    return how
  }

  async #addReplica(index: number): Promise<void> {
    if (index === 0) demandFree(this.#settings, ['PORT'])
    const port = metricsPort(this.#settings, index)
    if (!isFree(port))
      throw new UserError(
        `METRICS_PORT: port ${port} of 127.0.0.1, for replica ${index + 1}, is in use; set METRICS_PORT to another first port`,
      )
    const spec = replicaSpec(this.#settings, index, this.#limit)
    const replica = new SupervisedProcess(spec, this.#settings.startTimeoutSeconds)
    await replica.start()
    this.#replicas.push(replica)
    await listReplicas(this.#settings, this.#replicas.length)
  }
}

function main() {
  const settings = readLocalSettings(process.env)
  const supervisor = new Supervisor(settings)
  writeFileSync(PORTS_FILE, JSON.stringify(settings.ports))
  writeFileSync(PID_FILE, `${process.pid}`)

  const inTurn = pLimit(1) // changes of the stack must not overlap
  const end = async () => {
    const ended = await inTurn(() => supervisor.stop())
    for (const file of [SOCKET, PID_FILE, PORTS_FILE]) rmSync(file, { force: true })
    setTimeout(() => process.exit(0), 50) // after the answer was sent
    return ended
  }
  const actions: Record<string, (parameters: URLSearchParams) => unknown> = {
    '/status': () => supervisor.status(),
    '/monitor': () => inTurn(() => supervisor.monitor()),
    '/grafana': () => inTurn(() => supervisor.startGrafana()),
    '/scale': parameters => inTurn(() => supervisor.scale(Number(parameters.get('replicas')))),
    '/signal': parameters => supervisor.signal(parameters.get('part') ?? '', parameters.get('signal') ?? ''),
    '/stop': end,
  }

  // A program may take START_TIMEOUT to be healthy. By default Bun closes an idle connection after 10 s, and
  // server.timeout() does not change that on a Unix socket (Bun 1.4.5).
  // @ts-expect-error: Bun's types do not know idleTimeout for a Unix socket; slow.prove.ts proves that Bun takes it
  Bun.serve({
    unix: SOCKET,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      const action = actions[pathname]
      if (action === undefined) return new Response(null, { status: 404 })
      try {
        return Response.json((await action(searchParams)) ?? null)
      } catch (error) {
        const { message, stack } = error as Error
        return Response.json({ message: error instanceof UserError ? message : stack }, { status: 409 })
      }
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
}

if (import.meta.main) main()

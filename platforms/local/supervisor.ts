// The process that keeps a local stack running: it owns every child, and is asked over a socket in the stack's folder.
import { rmSync, writeFileSync } from 'node:fs'
import { UserError } from '../../lib/user-error.ts'
import type { Status } from '../platform.ts'
import { findCPULimit } from './cpu-limit.ts'
import { GRAFANA, startGrafana } from './grafana.ts'
import { demandFree, isFree, mostReplicas, readSettings } from './settings.ts'
import { listReplicas, metricsPort, monitoringSpecs, replicaSpec } from './specs.ts'
import { type Spec, Supervised } from './supervised.ts'

/** Names in the folder of the stack. */
export const SOCKET = 'control.sock'
export const PID_FILE = 'supervisor.pid'

/** What it is asked, by the path of the request; each answers with JSON. */
class Supervisor {
  readonly #settings = readSettings(process.env)
  readonly #limit = findCPULimit(this.#settings.cpuLimit)
  readonly #replicas: Supervised[] = []
  #monitoring: Supervised[] = []

  async status(): Promise<Status> {
    const parts = await Promise.all([...this.#replicas, ...this.#monitoring].map(supervised => supervised.part()))
    const cpuLimit = this.#limit.description
    return { replicas: this.#replicas.length, monitoring: this.#monitoring.length > 0, cpuLimit, parts }
  }

  /** Starts what watches, if it does not run yet: all of it, or none. */
  async monitor(): Promise<void> {
    if (this.#monitoring.length > 0) return
    demandFree(this.#settings, ['PROMETHEUS_PORT', 'ALERTMANAGER_PORT', 'NODE_EXPORTER_PORT', 'BLACKBOX_EXPORTER_PORT'])
    this.#monitoring = (await monitoringSpecs(this.#settings)).map(spec => this.#supervise(spec))
    try {
      await Promise.all(this.#monitoring.map(supervised => supervised.start()))
    } catch (error) {
      await Promise.all(this.#monitoring.map(supervised => supervised.stop()))
      this.#monitoring = []
      throw error
    }
  }

  /** Starts Grafana, if it does not run yet. It only shows: that it cannot is told, and no more. */
  async show(): Promise<string | undefined> {
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
    while (this.#replicas.length < wanted) await this.#add(this.#replicas.length)
    const surplus = this.#replicas.splice(wanted)
    await this.#list() // first, so that Prometheus does not take them for down
    await Promise.all(surplus.map(replica => this.#stop(replica)))
  }

  /** Sends a signal to a part by its name. */
  signal(name: string, signal: string): void {
    const part = [...this.#replicas, ...this.#monitoring].find(({ spec }) => spec.name === name)
    if (part === undefined) throw new UserError(`no part of the stack is called ${name}`)
    part.signal(signal as NodeJS.Signals)
  }

  /** Ends everything: what watches first, so that it does not see the rest go. */
  async stop(): Promise<string[]> {
    const monitoring = await Promise.all(this.#monitoring.splice(0).map(supervised => supervised.stop()))
    return [...monitoring, ...(await Promise.all(this.#replicas.splice(0).map(replica => this.#stop(replica))))]
  }

  async #stop(replica: Supervised): Promise<string> {
    const how = await replica.stop()
    this.#limit.release(replica.spec.name)
    return how
  }

  #supervise(spec: Spec): Supervised {
    return new Supervised(spec, this.#settings.startTimeout)
  }

  async #add(number: number): Promise<void> {
    if (number === 0) demandFree(this.#settings, ['PORT'])
    const port = metricsPort(this.#settings, number)
    if (!isFree(port))
      throw new UserError(
        `METRICS_PORT: port ${port} of 127.0.0.1, for replica ${number + 1}, is in use; set METRICS_PORT to another first one`,
      )
    const replica = this.#supervise(replicaSpec(this.#settings, number, this.#limit))
    await replica.start()
    this.#replicas.push(replica)
    await this.#list()
  }

  #list() {
    return listReplicas(this.#settings, [...this.#replicas.keys()])
  }
}

function main() {
  const supervisor = new Supervisor()
  writeFileSync(PID_FILE, `${process.pid}`)

  /** One at a time: two that change the stack must not meet. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }
  const end = async () => {
    const ended = await inTurn(() => supervisor.stop())
    rmSync(SOCKET, { force: true })
    rmSync(PID_FILE, { force: true })
    setTimeout(() => process.exit(0), 50) // when the answer has left
    return ended
  }
  const actions: Record<string, (url: URL) => Promise<unknown>> = {
    '/status': () => supervisor.status(),
    '/monitor': () => inTurn(() => supervisor.monitor()),
    '/show': () => inTurn(() => supervisor.show()),
    '/scale': ({ searchParams }) => inTurn(() => supervisor.scale(Number(searchParams.get('replicas')))),
    '/signal': async ({ searchParams }) =>
      supervisor.signal(searchParams.get('part') ?? '', searchParams.get('signal') ?? ''),
    '/stop': end,
  }

  // A program may take START_TIMEOUT to be healthy; by default Bun closes a connection on which nothing moves for 10 s, and
  // server.timeout() does not change that on a Unix socket (Bun 1.4.5).
  // @ts-expect-error: Bun's types do not know idleTimeout for a Unix socket; slow.test.ts proves that Bun takes it
  Bun.serve({
    unix: SOCKET,
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url)
      const action = actions[url.pathname]
      if (action === undefined) return new Response(null, { status: 404 })
      try {
        return Response.json((await action(url)) ?? null)
      } catch (error) {
        const { message, stack } = error as Error
        return Response.json({ message: error instanceof UserError ? message : stack }, { status: 409 })
      }
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
}

if (import.meta.main) main()

import { rm } from 'node:fs/promises'
import { type Delivery, startReceiver } from '../../k8s/monitoring/receiver.ts'
import { CAN_TIE, collect } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import { ensureProgram, ensurePrograms } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { runK6 } from '../k6.ts'
import type { LoadRun, PartFaults, Platform, UpOptions } from '../platform.ts'
import { grafanaHome, grafanaLink } from './grafana.ts'
import { demandFree, type LocalSettings, MONITORING_PORTS, readLocalSettings } from './local-settings.ts'
import { addedRules, prometheusFile } from './specs.ts'
import { SupervisorClient } from './supervisor-client.ts'

/** Programs of the monitoring stack. */
const MONITORING = ['prometheus', 'alertmanager', 'node_exporter', 'blackbox_exporter'] as const

/** Programs that a drill runs. */
const DRILL_PROGRAMS = ['k6', ...MONITORING] as const

/**
 * This machine: replicas, Prometheus, Alertmanager, the exporters and k6 run as processes, without containers and without root.
 * Throws a {@link UserError} when this machine cannot run a stack, or when a variable of the environment is wrong.
 */
export function localPlatform(env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  if (process.platform !== 'linux')
    throw new UserError('PLATFORM=local needs Linux (or WSL2): only there do replicas share a port; use a cluster')
  if (!CAN_TIE) throw new UserError('PLATFORM=local needs setpriv; install util-linux')
  return new LocalPlatform(env, say)
}

class LocalPlatform implements Platform {
  readonly name = 'local'
  readonly parts: PartFaults
  readonly #env: NodeJS.Dict<string>
  readonly #say: (line: string) => void
  readonly #settings: LocalSettings
  readonly #supervisor: SupervisorClient

  constructor(env: NodeJS.Dict<string>, say: (line: string) => void) {
    this.#env = env
    this.#say = say
    this.#settings = readLocalSettings(env)
    this.#supervisor = new SupervisorClient(this.#settings.folder)
    this.parts = partFaults(this.#settings, this.#supervisor)
  }

  async links() {
    const [api, prometheus] = [await this.api(), await this.prometheus()]
    const alertmanager = origin(this.#settings.ports.ALERTMANAGER_PORT)
    const grafana = grafanaHome(this.#env) && { grafana: grafanaLink(this.#settings) }
    return { api, swagger: `${api}/swagger`, prometheus, alertmanager, ...grafana }
  }

  async api() {
    return origin(this.#settings.ports.PORT)
  }

  async prometheus() {
    return origin(this.#settings.ports.PROMETHEUS_PORT)
  }

  async receive(onDelivery: (delivery: Delivery) => void) {
    const port = this.#settings.ports.RECEIVER_PORT
    try {
      return startReceiver({ hostname: '127.0.0.1', port }, onDelivery)
    } catch {
      throw new UserError(
        `RECEIVER_PORT: port ${port} of 127.0.0.1 is in use; set RECEIVER_PORT to another, also for make up`,
      )
    }
  }

  async versions() {
    return Object.fromEntries(
      await Promise.all(DRILL_PROGRAMS.map(async name => [name, await versionOf(name)] as const)),
    )
  }

  async install(signal: AbortSignal, names: readonly (keyof typeof PROGRAMS)[] = DRILL_PROGRAMS) {
    const programs = names.map(name => PROGRAMS[name])
    await ensurePrograms(programs, { say: this.#say, signal })
  }

  async up({ monitoring = true, attached = false, signal = new AbortController().signal }: UpOptions = {}) {
    await this.install(signal, MONITORING)
    const before = await this.status()
    if (before === undefined) {
      demandFree(this.#settings, ['PORT', 'METRICS_PORT', ...(monitoring ? MONITORING_PORTS : [])])
      await this.#supervisor.start(this.#env, attached, this.#say)
    }
    try {
      if (before === undefined || before.replicas === 0) await this.#supervisor.ask('/scale?replicas=1')
      signal.throwIfAborted()
      if (monitoring) await this.#supervisor.ask('/monitor')
      signal.throwIfAborted()
      // a drill does not use Grafana
      const problem = monitoring && !attached && (await this.#supervisor.ask<string | null>('/grafana'))
      if (problem) this.#say(problem)
    } catch (error) {
      // Leave nothing behind. The first error is the one to report.
      if (before === undefined) await this.down().catch(problem => this.#say(problem.message))
      throw error
    }
  }

  async down() {
    return (await this.#supervisor.ask<string[]>('/stop')) ?? []
  }

  status() {
    return this.#supervisor.status()
  }

  scale(replicas: number) {
    return this.#supervisor.demand(`/scale?replicas=${replicas}`)
  }

  async autoscale(most: number | undefined) {
    if (most !== undefined) throw new UserError('PLATFORM=local has no autoscaler; this drill needs a cluster')
  }

  async load(run: LoadRun) {
    const status = await this.status()
    return runK6(run, await this.api(), status?.monitoring ? await this.prometheus() : undefined)
  }
}

function partFaults(settings: LocalSettings, supervisor: SupervisorClient): PartFaults {
  const signal = (part: string, name: NodeJS.Signals) => supervisor.demand(`/signal?part=${part}&signal=${name}`)
  return {
    pause: part => signal(part, 'SIGSTOP'),
    resume: part => signal(part, 'SIGCONT'),
    async addRules(text) {
      const file = addedRules(settings)
      await (text === undefined ? rm(file, { force: true }) : Bun.write(file, text))
      await signal('prometheus', 'SIGHUP') // Prometheus reads its configuration again
    },
    async removeTargets(job) {
      const file = prometheusFile(settings)
      const text = await Bun.file(file).text()
      const load = async (content: string) => {
        await Bun.write(file, content)
        await signal('prometheus', 'SIGHUP')
      }
      const { scrape_configs, ...others } = JSON.parse(text) as { scrape_configs: { job_name: string }[] }
      // The job stays: when a job is removed, Prometheus does not mark its series as stale, and reads them for five minutes more.
      const changed = scrape_configs.map(each => (each.job_name === job ? { ...each, static_configs: [] } : each))
      await load(JSON.stringify({ ...others, scrape_configs: changed }))
      return () => load(text)
    },
    ask: () => Promise.reject(new UserError('PLATFORM=local: replicas share one address')),
  }
}

const origin = (port: number) => `http://127.0.0.1:${port}`

async function versionOf(name: (typeof DRILL_PROGRAMS)[number]): Promise<string> {
  const { out, err } = await collect([await ensureProgram(PROGRAMS[name]), '--version'])
  return /\d+\.\d+\.\d+\S*/.exec(out + err)?.[0] ?? 'unknown'
}

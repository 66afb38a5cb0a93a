import { rm } from 'node:fs/promises'
import type { Deliveries } from '../../k8s/monitoring/receiver.ts'
import { CAN_TIE } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import { ensurePrograms, installedVersion } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { runK6 } from '../k6.ts'
import type { PartFaults, Platform, UpOptions } from '../platform.ts'
import { grafanaHome, grafanaLink } from './grafana.ts'
import { demandFree, type LocalSettings, MONITORING_PORTS, readLocalSettings } from './local-settings.ts'
import { addedRules, PROFILE, prometheusFile } from './specs.ts'
import { SupervisorClient } from './supervisor-client.ts'

/** Programs of the monitoring stack. */
const MONITORING = ['prometheus', 'alertmanager', 'node_exporter', 'blackbox_exporter'] as const

/** Programs that a drill runs. */
const DRILL_PROGRAMS = ['k6', ...MONITORING] as const
type Program = (typeof DRILL_PROGRAMS)[number]

/**
 * This machine: replicas, Prometheus, Alertmanager, the exporters and k6 run as processes, without containers and without root.
 * Throws a {@link UserError} when this machine cannot run a stack, or when a variable of the environment is wrong.
 */
export function localPlatform(env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  if (process.platform !== 'linux')
    throw new UserError(
      'PLATFORM=local needs Linux (or WSL2): only there do replicas share a port; use the dev container (docs/local.md) or a cluster',
    )
  if (!CAN_TIE) throw new UserError('PLATFORM=local needs setpriv; install util-linux')
  const settings = readLocalSettings(env)
  const supervisor = new SupervisorClient(settings.folder)
  const { ports } = settings
  const [api, prometheus] = [origin(ports.PORT), origin(ports.PROMETHEUS_PORT)]
  return {
    name: 'local',
    parts: partFaults(settings, supervisor),
    api: async () => api,
    prometheus: async () => prometheus,
    async links() {
      const grafana = grafanaHome(env) && { grafana: grafanaLink(settings) }
      return { api, swagger: `${api}/swagger`, prometheus, alertmanager: origin(ports.ALERTMANAGER_PORT), ...grafana }
    },
    deliveries: since => readDeliveries(origin(ports.RECEIVER_PORT), since),
    versions: async () =>
      Object.fromEntries(
        await Promise.all(DRILL_PROGRAMS.map(async name => [name, await installedVersion(PROGRAMS[name])] as const)),
      ),
    install: signal => install(DRILL_PROGRAMS, say, signal),
    up: options => up(settings, supervisor, env, say, options),
    down: () => down(supervisor),
    status: () => supervisor.status(),
    scale: replicas => supervisor.demand(`/scale?replicas=${replicas}`),
    borrowReplicas: async () => async () => {}, // no autoscaler owns them
    profile: async () => PROFILE,
    async autoscale(most) {
      if (most !== undefined) throw new UserError('PLATFORM=local has no autoscaler; this drill needs a cluster')
    },
    load: async run => runK6(run, api, (await supervisor.status())?.monitoring ? prometheus : undefined),
  }
}

async function up(
  settings: LocalSettings,
  supervisor: SupervisorClient,
  env: NodeJS.Dict<string>,
  say: (line: string) => void,
  { monitoring = true, attached = false, signal = new AbortController().signal }: UpOptions = {},
): Promise<void> {
  await install(MONITORING, say, signal)
  const before = await supervisor.status()
  if (before === undefined) {
    demandFree(settings, ['PORT', 'METRICS_PORT', ...MONITORING_PORTS])
    await supervisor.start(env, attached, say)
  }
  try {
    if (before === undefined || before.replicas === 0) await supervisor.ask('/scale?replicas=1')
    signal.throwIfAborted()
    if (monitoring) await supervisor.ask('/monitor')
    signal.throwIfAborted()
    // a drill does not use Grafana
    const problem = monitoring && !attached && (await supervisor.ask<string | null>('/grafana'))
    if (problem) say(problem)
  } catch (error) {
    // Leave nothing behind. The first error is the one to report.
    if (before === undefined) await down(supervisor).catch(problem => say(problem.message))
    throw error
  }
}

const down = async (supervisor: SupervisorClient) => (await supervisor.ask<string[]>('/stop')) ?? []

async function install(names: readonly Program[], say: (line: string) => void, signal: AbortSignal): Promise<void> {
  await ensurePrograms(
    names.map(name => PROGRAMS[name]),
    { say, signal },
  )
}

async function readDeliveries(receiver: string, since: number): Promise<Deliveries | undefined> {
  const signal = AbortSignal.timeout(2000)
  const response = await fetch(`${receiver}/alerts?since=${since}`, { signal }).catch(() => undefined)
  return response?.ok ? ((await response.json()) as Deliveries) : undefined
}

function partFaults(settings: LocalSettings, supervisor: SupervisorClient): PartFaults {
  const signal = (part: string, name: NodeJS.Signals) => supervisor.demand(`/signal?part=${part}&signal=${name}`)
  const load = async (file: string, text: string | undefined) => {
    await (text === undefined ? rm(file, { force: true }) : Bun.write(file, text))
    await signal('prometheus', 'SIGHUP') // Prometheus reads its configuration again
  }
  return {
    pause: part => signal(part, 'SIGSTOP'),
    resume: part => signal(part, 'SIGCONT'),
    addRules: text => load(addedRules(settings), text),
    async removeTargets(job) {
      const file = prometheusFile(settings)
      const text = await Bun.file(file).text()
      const { scrape_configs, ...others } = JSON.parse(text) as { scrape_configs: { job_name: string }[] }
      // The job stays: when a job is removed, Prometheus does not mark its series as stale, and reads them for five minutes more.
      const changed = scrape_configs.map(each => (each.job_name === job ? { ...each, static_configs: [] } : each))
      await load(file, JSON.stringify({ ...others, scrape_configs: changed }))
      return () => load(file, text)
    },
    ask: () => Promise.reject(new UserError('PLATFORM=local: replicas share one address')),
  }
}

const origin = (port: number) => `http://127.0.0.1:${port}`

import { UserError } from '../../lib/user-error.ts'
import { ensureProgram } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { runK6 } from '../k6.ts'
import type { Platform } from '../platform.ts'
import { type ApiServer, type Forward, forward, openApiServer } from './cluster/api.ts'
import type { Cluster } from './cluster/cluster.ts'
import { MONITORING_NAMESPACE, NAMESPACE, VIEWS } from './cluster/names.ts'
import { podsOf, readStatus } from './cluster/pods.ts'
import { watchDeliveries } from './monitoring/deliveries.ts'
import { installMonitoring, uninstallMonitoring } from './monitoring/releases.ts'
import { deployService, removeService } from './service/deploy.ts'
import { partFaults } from './service/faults.ts'
import { runJob } from './service/job.ts'
import { published, reachApi } from './service/reach.ts'
import { applyAutoscaler, scaleTo } from './service/replicas.ts'
import { readSettings } from './settings.ts'

/**
 * A cluster: the service from its release image, Prometheus and Grafana by Helm. Throws a {@link UserError} where a
 * variable of the environment is wrong.
 */
export function kubernetesPlatform(cluster: Cluster, env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  const settings = readSettings(env, cluster.local)
  let opened: Promise<ApiServer> | undefined
  const api = () => {
    opened ??= openApiServer(cluster)
    return opened
  }
  let prometheus: Promise<Forward> | undefined

  async function prometheusOrigin(): Promise<string> {
    const { service, port } = VIEWS.prometheus
    prometheus ??= forward(cluster, MONITORING_NAMESPACE, service, port)
    prometheus.then(({ ended }) => ended).then(forget, forget) // its pod is gone: the next one who asks gets a new one
    return (await prometheus).origin
  }
  const forget = () => {
    prometheus = undefined
  }
  const origin = async () => reachApi(await api(), env)
  const monitored = async () => (await readStatus(await api()))?.monitoring ?? false

  return {
    name: 'kubernetes',
    api: origin,
    prometheus: prometheusOrigin,
    async up({ monitoring = true, signal } = {}) {
      const status = await readStatus(await api())
      if (status === undefined || status.replicas === 0)
        await deployService(cluster, await api(), settings, say, signal)
      if (!monitoring || status?.monitoring) return
      if (!settings.charts) return say('CHARTS=off: nothing watches it')
      const { profile, grafana } = settings
      await installMonitoring(cluster, { profile, grafana, say, ...(signal && { signal }) })
    },
    async down() {
      const service = (await removeService(cluster)) ? [`${NAMESPACE}: deleted, with all that was in it`] : []
      return [...(await uninstallMonitoring(cluster, say)), ...service]
    },
    status: async () => readStatus(await api()),
    async links() {
      const at = (await published(await api())) ?? 'http://127.0.0.1:3000 (make forward)'
      const view = (name: keyof typeof VIEWS) => `http://127.0.0.1:${VIEWS[name].localPort} (make forward, or tilt up)`
      return {
        api: at,
        swagger: at.replace(/(:\d+)?( |$)/, '$1/swagger$2'),
        prometheus: view('prometheus'),
        alertmanager: view('alertmanager'),
        grafana: view('grafana').replace(' ', '/d/tipping-point-overview '),
      }
    },
    async scale(replicas) {
      await scaleTo(cluster, await api(), replicas, await origin().catch(() => undefined), say)
    },
    autoscale: most => applyAutoscaler(cluster, most),
    parts: partFaults(cluster, api),
    async load(run) {
      const watched = await monitored()
      if (settings.inCluster) return runJob(cluster, await api(), run, watched)
      return runK6(run, await origin(), watched ? await prometheusOrigin() : undefined)
    },
    receive: async onDelivery => watchDeliveries(await api(), onDelivery),
    async versions() {
      const server = await (await api()).get<{ gitVersion: string }>('/version')
      const pods = await podsOf(await api(), MONITORING_NAMESPACE)
      const images = pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image))
      const versions = images.map(image => /([^/]+?):([^:/]+)$/.exec(image)?.slice(1) ?? [image, 'unknown'])
      const k6 = settings.inCluster ? PROGRAMS.k6.release.version : await k6Version()
      return { ...Object.fromEntries(versions), kubernetes: server?.gitVersion ?? 'unknown', k6 }
    },
  }
}

async function k6Version(): Promise<string> {
  const said = await Bun.$`${await ensureProgram(PROGRAMS.k6)} version`.quiet().text()
  return /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? 'unknown'
}

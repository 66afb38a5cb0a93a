import type { Profile } from '../../monitoring/profiles.ts'
import { DASHBOARDS } from '../../monitoring/rule.ts'
import { ensureProgram, installedVersion } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { runK6 } from '../k6.ts'
import type { LoadEnd, LoadRun, Platform } from '../platform.ts'
import { type ApiServer, openApiServer } from './cluster/api-server.ts'
import type { Cluster } from './cluster/cluster.ts'
import { MONITORING_NAMESPACE } from './cluster/names.ts'
import { podsOf } from './cluster/workloads.ts'
import { type ClusterSettings, readClusterSettings } from './cluster-settings.ts'
import { readDeliveries } from './monitoring/deliveries.ts'
import { FORWARDS, forwardPrometheus } from './monitoring/forwards.ts'
import { installMonitoring, uninstallMonitoring } from './monitoring/releases.ts'
import { readProfile } from './monitoring/running-profile.ts'
import { applyAutoscaler, borrowReplicas } from './service/autoscaler.ts'
import { deployService, removeService } from './service/deploy.ts'
import { partFaults } from './service/faults.ts'
import { runJob } from './service/job.ts'
import { publishedOrigin, reachApi } from './service/reach.ts'
import { scaleTo } from './service/replicas.ts'
import { readStatus } from './status.ts'

/** The stack on a cluster. Throws a {@link UserError} when a variable of {@link CLUSTER_VARIABLES} is not accepted. */
export function kubernetesPlatform(cluster: Cluster, env: NodeJS.Dict<string>, say: (line: string) => void): Platform {
  const settings = readClusterSettings(env, cluster.local)
  const apiServer = openApiServer(cluster)
  const prometheus = forwardPrometheus(cluster)
  const api = () => reachApi(apiServer, env)

  async function up({ monitoring = true, signal }: Parameters<Platform['up']>[0] = {}): Promise<void> {
    const status = await readStatus(apiServer)
    if (status === undefined || status.replicas === 0) await deployService(cluster, apiServer, settings, say, signal)
    if (!monitoring || status?.monitoring) return
    if (settings.charts) await installMonitoring(cluster, { ...settings, say, signal })
    else say('CHARTS=off: the monitoring is not installed')
  }
  async function profile(): Promise<Profile> {
    const isMonitored = (await readStatus(apiServer))?.monitoring ?? false
    return isMonitored ? readProfile(await prometheus(), cluster) : settings.profile
  }
  async function load(run: LoadRun): Promise<LoadEnd> {
    const isMonitored = (await readStatus(apiServer))?.monitoring ?? false
    if (settings.inCluster) return runJob(cluster, apiServer, run, isMonitored)
    return runK6(run, await api(), isMonitored ? await prometheus() : undefined)
  }
  return {
    name: 'kubernetes',
    api,
    prometheus,
    up,
    down: async () => [...(await uninstallMonitoring(cluster, say)), ...(await removeService(cluster))],
    status: () => readStatus(apiServer),
    links: () => linksOf(apiServer, cluster),
    scale: async replicas => scaleTo(cluster, apiServer, replicas, await api().catch(() => undefined), say),
    borrowReplicas: () => borrowReplicas(cluster, apiServer),
    autoscale: most => applyAutoscaler(cluster, apiServer, most),
    profile,
    parts: partFaults(cluster, apiServer),
    async install(signal) {
      if (!settings.inCluster) await ensureProgram(PROGRAMS.k6, { say, signal })
    },
    load,
    deliveries: since => readDeliveries(apiServer, since),
    versions: () => readVersions(apiServer, settings),
  }
}

async function linksOf(apiServer: ApiServer, { context, local }: Cluster): Promise<Readonly<Record<string, string>>> {
  const published = await publishedOrigin(apiServer)
  const forward = local ? 'make forward' : `make forward KUBE_CONTEXT=${context}`
  const localOrigin = (name: keyof typeof FORWARDS) => `http://127.0.0.1:${FORWARDS[name].localPort}`
  const [origin, hint] = published === undefined ? [localOrigin('api'), ` (${forward})`] : [published, '']
  const forwarded = local ? `(${forward}, or tilt up)` : `(${forward})`
  return {
    api: `${origin}${hint}`,
    swagger: `${origin}/swagger${hint}`,
    prometheus: `${localOrigin('prometheus')} ${forwarded}`,
    alertmanager: `${localOrigin('alertmanager')} ${forwarded}`,
    grafana: `${localOrigin('grafana')}/d/${DASHBOARDS.overview} ${forwarded}`,
  }
}

/** The versions of Kubernetes, of k6, and of each image in the monitoring namespace. */
async function readVersions(apiServer: ApiServer, { inCluster }: ClusterSettings): Promise<Record<string, string>> {
  const server = await apiServer.get<{ gitVersion: string }>('/version')
  const pods = await podsOf(apiServer, MONITORING_NAMESPACE)
  const images = pods.flatMap(({ spec }) => spec.containers.flatMap(({ image }) => image ?? []))
  const versions = images.map(image => /([^/]+?):([^:/]+)$/.exec(image)?.slice(1) ?? [image, 'unknown'])
  const k6 = inCluster ? PROGRAMS.k6.release.version : await installedVersion(PROGRAMS.k6)
  return { ...Object.fromEntries(versions), kubernetes: server?.gitVersion ?? 'unknown', k6 }
}

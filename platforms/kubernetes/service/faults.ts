import { UserError } from '../../../lib/user-error.ts'
import type { PartFaults } from '../../platform.ts'
import type { ApiServer } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE } from '../cluster/names.ts'
import { servicePods } from '../cluster/pods.ts'

/** What can be taken away and put back, by the names of the parts. */
const WORKLOADS: Readonly<Record<string, string>> = { alertmanager: 'statefulset/prometheus-alertmanager' }

/**
 * Faults of the parts of a cluster: a part that is paused is scaled to nothing, since a process in a pod cannot be stopped
 * from outside. Rules are the chart's alone.
 */
export function partFaults(cluster: Cluster, api: () => Promise<ApiServer>): PartFaults {
  const scale = async (part: string, replicas: number) => {
    const workload = WORKLOADS[part]
    if (workload === undefined) throw new UserError(`PLATFORM=kubernetes: ${part} cannot be paused`)
    await cluster.kubectl(['-n', MONITORING_NAMESPACE, 'scale', workload, `--replicas=${replicas}`])
    await cluster.kubectl(['-n', MONITORING_NAMESPACE, 'rollout', 'status', workload, '--timeout=60s'])
  }
  return {
    pause: part => scale(part, 0),
    resume: part => scale(part, 1),
    addRules: () => Promise.reject(new UserError('PLATFORM=kubernetes: rules come with the chart')),
    async ask(replica, path) {
      const server = await api()
      const names = (await servicePods(server)).map(({ metadata }) => metadata.name).sort()
      const name = names[replica - 1]
      if (name === undefined) throw new UserError(`there is no replica ${replica}: ${names.length} run`)
      // through the API server, which reaches a pod that is in no Service, too
      const response = await server.fetch(`${core(NAMESPACE, 'pods')}/${name}:3000/proxy/faults/${path}`, {
        method: 'POST',
      })
      await response.arrayBuffer()
    },
  }
}

import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import { CLUSTER_JOBS } from '../../../monitoring/targets.ts'
import type { PartFaults } from '../../platform.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE } from '../cluster/names.ts'
import { servicePods } from '../cluster/workloads.ts'

/** Workloads of the chart that a fault may scale to zero. */
const WORKLOADS: Readonly<Record<string, string>> = {
  alertmanager: 'statefulset/prometheus-alertmanager',
  [CLUSTER_JOBS.kubeState]: 'deployment/prometheus-kube-state-metrics',
}

/**
 * Faults of the parts in a cluster. A part is paused by scaling it to zero, since a process in a pod cannot be stopped
 * from outside. Rules cannot be added: only the chart sets them.
 */
export function partFaults(cluster: Cluster, apiServer: ApiServer): PartFaults {
  async function scale(part: string, replicas: number): Promise<void> {
    const workload = WORKLOADS[part]
    if (workload === undefined) throw new UserError(`PLATFORM=kubernetes cannot scale ${part}; use PLATFORM=local`)
    await cluster.kubectl(['-n', MONITORING_NAMESPACE, 'scale', workload, `--replicas=${replicas}`])
    await cluster.kubectl(['-n', MONITORING_NAMESPACE, 'rollout', 'status', workload, '--timeout=60s'])
  }
  return {
    pause: part => scale(part, 0),
    resume: part => scale(part, 1),
    async removeTargets(job) {
      await scale(job, 0)
      return () => scale(job, 1)
    },
    addRules: () => Promise.reject(new UserError('PLATFORM=kubernetes cannot add rules; use PLATFORM=local')),
    async ask(replica, path) {
      const names = (await servicePods(apiServer)).map(({ metadata }) => metadata.name).sort()
      const name = names[replica - 1]
      if (name === undefined) throw new UserError(`there is no replica ${replica}; ${names.length} run`)
      // The API server also reaches a pod that the Service leaves out.
      const url = `${core(NAMESPACE, 'pods')}/${name}:${SERVICE_CONFIG.ports.api}/proxy/faults/${path}`
      const response = await apiServer.fetch(url, { method: 'POST' })
      await response.arrayBuffer()
    },
  }
}

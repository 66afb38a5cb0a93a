import { CONTAINER } from '../../monitoring/targets.ts'
import type { Part, Status } from '../platform.ts'
import type { ApiServer } from './cluster/api-server.ts'
import { MONITORING_NAMESPACE, NAMESPACE } from './cluster/names.ts'
import { isReady, type Pod, podsOf, serviceDeployment, servicePods, whyNotRunning } from './cluster/workloads.ts'

/** The status of the service and the monitoring; undefined when neither is deployed. */
export async function readStatus(apiServer: ApiServer): Promise<Status | undefined> {
  const [deployment, own, monitoring] = await Promise.all([
    serviceDeployment(apiServer),
    servicePods(apiServer),
    podsOf(apiServer, MONITORING_NAMESPACE),
  ])
  if (deployment === undefined && monitoring.length === 0) return undefined
  const container = deployment?.spec.template.spec?.containers.find(({ name }) => name === CONTAINER)
  const cpu = container?.resources?.limits?.cpu
  return {
    replicas: deployment?.spec.replicas ?? 0,
    cpuLimit: cpu === undefined ? 'no limit' : `${cpu} of a core, by the kernel (the container's limit)`,
    monitoring: monitoring.some(({ metadata }) => metadata.name.startsWith('prometheus-server')),
    parts: [...own.map(pod => partOf(pod, NAMESPACE)), ...monitoring.map(pod => partOf(pod, MONITORING_NAMESPACE))],
  }
}

function partOf(pod: Pod, namespace: string): Part {
  const { name } = pod.metadata
  const statuses = pod.status.containerStatuses ?? []
  const end = statuses.map(({ lastState }) => lastState?.terminated).find(terminated => terminated !== undefined)
  const reason = whyNotRunning(pod)
  const unready = reason === undefined ? 'starting' : 'unhealthy'
  return {
    name,
    state: isReady(pod) ? 'healthy' : unready,
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(end && { lastEnd: `ended with exit code ${end.exitCode} (${end.reason})` }),
    details: reason ?? `kubectl -n ${namespace} logs ${name}`,
  }
}

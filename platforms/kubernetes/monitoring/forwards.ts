import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { poll } from '../../../lib/poll.ts'
import { startServer } from '../../../lib/process.ts'
import { type Cluster, kubectlCommand } from '../cluster/cluster.ts'
import { MONITORING_NAMESPACE as MONITORING, NAMESPACE, SERVICE } from '../cluster/names.ts'

const { ports } = SERVICE_CONFIG

/** What `make forward` forwards, and to which port of this machine. */
export const FORWARDS = {
  prometheus: { namespace: MONITORING, target: 'service/prometheus-server', port: 80, localPort: ports.prometheus },
  alertmanager: {
    namespace: MONITORING,
    target: 'service/prometheus-alertmanager',
    port: 9093,
    localPort: ports.alertmanager,
  },
  grafana: { namespace: MONITORING, target: 'service/grafana', port: 80, localPort: ports.grafana },
  api: { namespace: NAMESPACE, target: `service/${SERVICE}`, port: 80, localPort: ports.api },
}

/**
 * Forwards a port of 127.0.0.1 (0: any free port) to a Service until the signal aborts; `ended` resolves when kubectl
 * has ended, as when the pod was deleted. All connections lead to one pod, so load must not be offered through the
 * port. Throws a {@link UserError} with kubectl's error output.
 */
export async function forward(
  cluster: Pick<Cluster, 'context'>,
  { namespace, target, port }: typeof FORWARDS.api,
  localPort = 0,
  signal?: AbortSignal,
): Promise<{ origin: string; ended: Promise<unknown> }> {
  const command = kubectlCommand(cluster, '-n', namespace, 'port-forward', target, `${localPort || ''}:${port}`)
  const ready = /Forwarding from 127\.0\.0\.1:(\d+) ->/
  const { child, match } = await startServer(command, ready, { timeoutSeconds: 15, signal })
  return { origin: `http://127.0.0.1:${match[1]}`, ended: child.exited }
}

/** Returns a function for the origin of Prometheus, which forwards a port, and another after kubectl has ended. */
export function forwardPrometheus(cluster: Cluster): () => Promise<string> {
  let current: ReturnType<typeof forward> | undefined
  const forget = () => {
    current = undefined
  }
  return async () => {
    current ??= forward(cluster, FORWARDS.prometheus)
    current.then(({ ended }) => ended).then(forget, forget)
    return (await current).origin
  }
}

/** Forwards one of {@link FORWARDS} until the signal aborts. When the pod ends, kubectl ends, too, and is started again. */
export async function keepForwarding(
  cluster: Cluster,
  name: keyof typeof FORWARDS,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let told = ''
  function tell(text: string): void {
    if (text !== told) say(`${name}: ${text}`)
    told = text
  }
  async function forwardOnce(): Promise<void> {
    try {
      const { origin, ended } = await forward(cluster, FORWARDS[name], FORWARDS[name].localPort, signal)
      tell(origin)
      await ended
    } catch (error) {
      if (!signal.aborted) tell(`${(error as Error).message.split('\n').at(-1)}; trying again`)
    }
  }
  await poll(forwardOnce, { timeoutSeconds: Number.POSITIVE_INFINITY, intervalSeconds: 2, signal }).catch(() => {})
}

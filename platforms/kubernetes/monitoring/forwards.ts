import { setTimeout as wait } from 'node:timers/promises'
import { forward } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { MONITORING_NAMESPACE, NAMESPACE, SERVICE, VIEWS } from '../cluster/names.ts'

/** Seconds before another try where something is not there: a pod that is replaced is back within a few. */
const AGAIN = 2

/** What can be forwarded: the monitoring's pages, and the API for a look (load through it would reach one pod alone). */
export const FORWARDS = {
  ...VIEWS,
  api: { service: `service/${SERVICE}`, port: 80, localPort: 3000 },
} as const

/** Forwards one of them to its usual port until the signal aborts; a pod that is replaced is found again. */
export async function keepForwarding(
  cluster: Cluster,
  name: keyof typeof FORWARDS,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { service, port, localPort } = FORWARDS[name]
  const namespace = name === 'api' ? NAMESPACE : MONITORING_NAMESPACE
  let told = ''
  const tell = (line: string) => {
    if (line !== told) say(line)
    told = line
  }
  while (!signal.aborted) {
    try {
      const { origin, ended, close } = await forward(cluster, namespace, service, port, localPort)
      tell(`${name}: ${origin}`)
      signal.addEventListener('abort', close)
      if (signal.aborted) close() // while it started
      await ended
      signal.removeEventListener('abort', close)
    } catch (error) {
      tell(`${name}: ${(error as Error).message.split('\n').pop()}; trying again`)
    }
    await wait(AGAIN * 1000, undefined, { signal }).catch(() => {})
  }
}

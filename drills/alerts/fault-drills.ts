import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { poll } from '../../lib/poll.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { UserError } from '../../lib/user-error.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS, JOBS } from '../../monitoring/targets.ts'
import type { Platform } from '../../platforms/platform.ts'
import { guard, restore } from '../overload/guard.ts'
import { replicasOf } from '../report/figures.ts'
import { type AlertDrills, type AlertResult, type Monitoring, sayIndented } from './alert-result.ts'
import { type CauseContext, hasFaults, repeat, request } from './causes/cause-helpers.ts'
import { CAUSES } from './plan.ts'
import { proveAlert } from './prove.ts'
import { proveWatchdog } from './prove-watchdog.ts'
import { watchDeliveries } from './watch-deliveries.ts'

/** Virtual users and the rate of each: enough requests for ratios, and about 1 % of the capacity. */
const USERS = { count: 3, perSecond: 4 }

/** The request of the users; its calculation takes microseconds. */
const USER_PATH = SERVICE_CONFIG.probe.path

/** The longest fault blocks the event loop for 10 s. */
const FAULT_TIMEOUT_MS = 15_000

/** Seconds until Prometheus must scrape the new number of replicas. */
const SCRAPED_TIMEOUT_SECONDS = 60

const REPLICAS = 2

/**
 * Brings the stack up, sends requests as users do, and drills one alert after the other. Afterwards the stack has the replicas
 * that it had before, or is down as before. Throws a {@link UserError} when the stack fails or has no faults.
 */
export async function runFaultDrills(
  alerts: readonly string[],
  { platform, stop, onResult }: AlertDrills,
): Promise<void> {
  const { signal } = stop
  const before = await platform.status()
  await using ending = new AsyncDisposableStack()
  let giveBack = async () => {}
  ending.defer(() => restore(platform, before, giveBack, { say: sayIndented }))
  const { deliveries, stop: stopReceiving } = watchDeliveries(platform)
  ending.defer(stopReceiving)
  const prometheus = new PrometheusClient(() => platform.prometheus())
  const monitoring: Monitoring = { prometheus, deliveries, signal, say: sayIndented }
  console.log(`Start: ${REPLICAS} replicas of the service, and the monitoring stack`)
  await platform.up({ attached: true, signal })
  giveBack = await platform.borrowReplicas()
  const api = await platform.api()
  if (!(await hasFaults(api)))
    throw new UserError('The running stack has no faults; run make down, or restart the stack with FAULTS=on make up')
  const users = repeat(USERS.count, USERS.perSecond, () => request(`${api}${USER_PATH}`))
  ending.defer(users.stop)
  const context: CauseContext = {
    ...{ platform, parts: platform.parts, users },
    fault: async path => void (await request(`${api}/faults/${path}`, 'POST', FAULT_TIMEOUT_MS)),
    scale: replicas => scaleAndWait(monitoring, platform, replicas),
  }
  await context.scale(REPLICAS)
  users.start()
  let current = 'Start'
  const phase = () => current
  // On Kubernetes, crashes are among the causes.
  if (platform.name === 'local') ending.defer(guard(platform, phase, reason => stop.abort(reason)))
  for (const alert of alerts) {
    if (signal.aborted) break
    current = alert
    onResult(await drillAlert(alert, monitoring, context))
  }
}

/** Watchdog has no cause: it is proved by its missing notifications. */
function drillAlert(alert: string, monitoring: Monitoring, context: CauseContext): Promise<AlertResult> {
  const { name: platform } = context.platform
  const cause = CAUSES[platform].find(cause => cause.alert === alert)
  if (cause === undefined) return proveWatchdog(monitoring, context.parts, platform)
  return proveAlert(monitoring, { ...cause, inflict: () => cause.inflict(context) }, { kind: 'drilled', platform })
}

async function scaleAndWait({ prometheus, signal }: Monitoring, platform: Platform, replicas: number): Promise<void> {
  await platform.scale(replicas)
  const query = `sum(${select(EXPORTERS.up, { job: JOBS.service })}) == ${replicas}`
  const isScraped = async () => (await prometheus.instant(query)).length > 0
  if (!(await poll(isScraped, { timeoutSeconds: SCRAPED_TIMEOUT_SECONDS, signal })))
    throw new UserError(
      `Prometheus did not scrape ${replicasOf(replicas)} within ${SCRAPED_TIMEOUT_SECONDS} s; see the targets in Prometheus`,
    )
}

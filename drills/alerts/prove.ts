import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { poll } from '../../lib/poll.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { type Alert, select } from '../../monitoring/rule.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { deliveryBounds } from '../overload/bounds.ts'
import { atMost, hasInOrder, statesOfIncident } from '../overload/checks.ts'
import type { AlertTimeline, Check } from '../overload/overload-result.ts'
import type { AlertResult, Cause, Monitoring } from './alert-result.ts'
import { alertTimelines } from './alert-timelines.ts'

/** Seconds until alerts from before the drill must be resolved: the longest window of the rules, and the notification. */
const QUIET_TIMEOUT_SECONDS = 120

const RULES = alerts(PROFILE)
const EVALUATION_SECONDS = secondsOf(PROFILE.evaluationInterval)
const BOUNDS = deliveryBounds(PROFILE)

/** One alert's drill while it runs. */
interface Drill {
  readonly monitoring: Monitoring
  readonly cause: Cause
  readonly rule: Alert
  /** Alerts whose firing is no failure of the drill. */
  readonly ignored: ReadonlySet<string>
  /** Maximum seconds. */
  readonly bounds: { readonly delivered: number; readonly resolved: number }
  /** Deliveries that arrived before the drill. */
  readonly skipped: number
  /** Begin and end of the cause, Unix time in seconds. */
  began: number
  ended: number
  failure: string | undefined
}

/**
 * Runs one alert's drill: waits until no alert is active, begins the cause, waits for the delivery, ends the cause, waits for
 * "resolved", and checks the timeline of the alert. Reports failures in the result and does not throw them.
 */
export async function proveAlert(
  monitoring: Monitoring,
  cause: Cause,
  from: Pick<AlertResult, 'kind' | 'platform'>,
): Promise<AlertResult> {
  const rule = RULES.find(({ name }) => name === cause.alert)
  if (rule === undefined) throw new Error(`no alerting rule has the name ${cause.alert}`)
  const drill: Drill = {
    ...{ monitoring, cause, rule, began: unixTime(), ended: unixTime(), failure: undefined },
    ignored: new Set(RULES.filter(alert => isIgnored(alert, from.kind)).map(({ name }) => name)),
    bounds: { delivered: cause.delivered ?? BOUNDS.delivered, resolved: cause.resolved ?? BOUNDS.resolved },
    skipped: monitoring.deliveries.length,
  }
  try {
    await waitUntilQuiet(drill)
    if (await inflictUntilDelivered(drill)) await waitForResolution(drill)
  } catch (error) {
    drill.failure = failureOf(error, monitoring.signal)
    monitoring.say(`${rule.name}: FAILED: ${drill.failure}`)
  }
  const timelines = await readTimelines(drill)
  return { ...from, ...judge(drill, timelines) }
}

/** The message of an error, or the reason of the signal when the drill was aborted. */
export const failureOf = (error: unknown, signal: AbortSignal) =>
  ((signal.aborted ? signal.reason : error) as Error).message

/**
 * Watchdog always fires. On a running stack, other work may load the node, and an error budget includes the hour before the
 * drill.
 */
const isIgnored = ({ name, area }: Alert, kind: AlertResult['kind']) =>
  name === 'Watchdog' || (kind === 'drilled' && (area === 'node' || name.startsWith('ErrorBudget')))

async function waitUntilQuiet({ monitoring, rule, ignored }: Drill): Promise<void> {
  const counts = (name: string) => name === rule.name || !ignored.has(name)
  let active: string[] = []
  const isQuiet = async () => {
    const answers = await monitoring.prometheus.instant('ALERTS', unixTime())
    const names = [...answers.map(({ labels }) => `${labels.alertname}`), ...unresolved(monitoring.deliveries)]
    active = [...new Set(names)].filter(counts)
    return active.length === 0
  }
  if (!(await poll(isQuiet, { timeoutSeconds: QUIET_TIMEOUT_SECONDS, signal: monitoring.signal })))
    throw new Error(`alerts were still active before the drill, after ${QUIET_TIMEOUT_SECONDS} s: ${active.join(', ')}`)
}

/** Inflicts the cause and ends the cause in any case. Returns whether the alert was delivered in time. */
async function inflictUntilDelivered(drill: Drill): Promise<boolean> {
  const { monitoring, cause, rule } = drill
  monitoring.say(`${rule.name}: ${cause.how}`)
  drill.began = unixTime()
  const end = await cause.inflict()
  let delivered = false
  try {
    if (cause.endsAtFiring) await waitUntilFiring(drill)
    else delivered = await waitForDelivery(drill)
  } finally {
    drill.ended = unixTime()
    await end().catch(error => {
      throw new Error(`the cause could not be ended: ${error.message}`)
    })
  }
  return cause.endsAtFiring ? waitForDelivery(drill) : delivered
}

async function waitUntilFiring({ monitoring: { prometheus, signal }, rule, bounds }: Drill): Promise<void> {
  const query = select('ALERTS', { alertname: rule.name, alertstate: 'firing' })
  const isFiring = async () => (await prometheus.instant(query, unixTime())).length > 0
  await poll(isFiring, { timeoutSeconds: bounds.delivered, signal })
}

async function waitForDelivery(drill: Drill): Promise<boolean> {
  const { monitoring, rule, bounds, began } = drill
  const isDelivered = () => ownDeliveries(drill).some(({ status }) => status === 'firing')
  const timeoutSeconds = Math.max(began + bounds.delivered - unixTime(), EVALUATION_SECONDS)
  const delivered = (await poll(isDelivered, { timeoutSeconds, signal: monitoring.signal })) ?? false
  monitoring.say(`${rule.name}: ${delivered ? 'delivered' : 'NOT DELIVERED'} after ${secondsSince(began)} s`)
  return delivered
}

async function waitForResolution(drill: Drill): Promise<void> {
  const { monitoring, rule, bounds, ended } = drill
  const isResolved = () => unresolved(ownDeliveries(drill)).length === 0
  const timeoutSeconds = ended + bounds.resolved - unixTime()
  const resolved = await poll(isResolved, { timeoutSeconds, signal: monitoring.signal })
  monitoring.say(`${rule.name}: ${resolved ? 'resolved' : 'NOT RESOLVED'} after ${secondsSince(ended)} s`)
}

const secondsSince = (time: number) => (unixTime() - time).toFixed(0)

/** Deliveries of the drilled alert since the drill began. */
const ownDeliveries = ({ monitoring, rule, skipped }: Drill) =>
  monitoring.deliveries.slice(skipped).filter(({ labels }) => labels.alertname === rule.name)

/** Names of the alerts whose last delivery says "firing". */
function unresolved(deliveries: readonly Delivery[]): string[] {
  const last = new Map(deliveries.map(delivery => [JSON.stringify(delivery.labels), delivery]))
  return [...last.values()].filter(({ status }) => status === 'firing').map(({ labels }) => `${labels.alertname}`)
}

/** The timelines of all alerts that were active since the cause began. */
async function readTimelines(drill: Drill): Promise<AlertTimeline[]> {
  const { monitoring, rule, began } = drill
  const window = { begin: began, end: unixTime(), evaluation: EVALUATION_SECONDS }
  const expected = new Map([[rule.name, []]])
  try {
    return await alertTimelines(monitoring.prometheus, RULES, expected, deliveriesSinceCause(drill), window)
  } catch (error) {
    drill.failure ??= `Prometheus did not return the states of the alerts: ${(error as Error).message}`
    return []
  }
}

const deliveriesSinceCause = ({ monitoring, skipped, began }: Drill) =>
  monitoring.deliveries.slice(skipped).filter(({ at }) => at >= began)

function judge(drill: Drill, timelines: readonly AlertTimeline[]): Omit<AlertResult, 'kind' | 'platform'> {
  const { cause, rule, ignored, bounds, began, ended, failure } = drill
  const own = timelines.find(({ name }) => name === rule.name)
  const timeline = own && since(began, own)
  const delivered = timeline?.states.find(({ state }) => state === 'delivered')?.at
  const resolved = timeline?.states.findLast(({ state }) => state === 'resolved')?.at
  const detection = delivered === undefined ? undefined : delivered - began
  const recovery = resolved === undefined ? undefined : resolved - ended
  const firing = deliveriesSinceCause(drill).filter(({ status }) => status === 'firing')
  const names = new Set(firing.map(({ labels }) => `${labels.alertname}`))
  const allowed = new Set([rule.name, ...(cause.also ?? []), ...ignored])
  const wrong = [...names].filter(name => !allowed.has(name))
  const others = timelines
    .filter(({ name }) => name !== rule.name && name !== 'Watchdog')
    .filter(({ states }) => states.some(({ state, at }) => state === 'firing' && at >= began))
    .map(({ name }) => (names.has(name) ? name : `${name} (not delivered)`))
  const checks: Check[] = [
    statesCheck(rule, timeline),
    atMost('cause to delivered', detection, bounds.delivered, ' s'),
    atMost('end of the cause to resolved', recovery, bounds.resolved, ' s'),
    { name: 'other alerts delivered', expected: 'none', seen: wrong.join(', ') || 'none', ok: wrong.length === 0 },
  ]
  const { name: alert } = rule
  const { how } = cause
  return { alert, how, began, ended, bound: bounds.delivered, timeline, detection, recovery, others, checks, failure }
}

/** The timeline from a time at which the alert was inactive. The evaluation before that time may have seen it active. */
const since = (begin: number, timeline: AlertTimeline): AlertTimeline => ({
  ...timeline,
  states: [
    { state: 'inactive', at: begin },
    ...timeline.states.filter(({ state, at }) => state !== 'inactive' && at >= begin),
  ],
  spans: timeline.spans.filter(span => span.begin >= begin),
})

function statesCheck({ for: duration }: Alert, timeline: AlertTimeline | undefined): Check {
  const demanded = statesOfIncident(duration !== undefined)
  const seen = timeline?.states.map(({ state }) => state) ?? []
  return {
    name: 'states in order',
    expected: demanded.join(' → '),
    seen: seen.join(' → ') || 'nothing',
    ok: hasInOrder(seen, demanded),
  }
}

export const unixTime = () => Date.now() / 1000

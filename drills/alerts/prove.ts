import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { poll } from '../../lib/poll.ts'
import { failureOf } from '../../lib/user-error.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { type Alert, select } from '../../monitoring/rule.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { type DeliveryBounds, deliveryBounds } from '../overload/bounds.ts'
import { atMost, statesCheck, statesSince } from '../overload/checks.ts'
import type { AlertTimeline, Check } from '../overload/overload-result.ts'
import type { AlertResult, Cause, Monitoring } from './alert-result.ts'
import { alertTimelines, first } from './alert-timelines.ts'

/** Seconds until alerts from before the drill must be resolved: the longest window of the rules, and the notification. */
const QUIET_TIMEOUT_SECONDS = 120

const RULES = alerts(PROFILE)
const EVALUATION_SECONDS = secondsOf(PROFILE.evaluationInterval)
const BOUNDS = deliveryBounds(PROFILE)

/**
 * Runs one alert's drill: waits until no alert is active, begins the cause, waits for the delivery, ends the cause, waits for
 * "resolved", and checks the timeline of the alert. Reports failures in the result and does not throw them.
 */
export const proveAlert = async (
  monitoring: Monitoring,
  cause: Cause,
  from: Pick<AlertResult, 'kind' | 'platform'>,
): Promise<AlertResult> => ({ ...from, ...(await new AlertDrill(monitoring, cause, from.kind).run()) })

export const unixTime = () => Date.now() / 1000

/**
 * Watchdog always fires. On a running stack, other work may load the node, and an error budget includes the hour before the
 * drill.
 */
const isIgnored = ({ name, area }: Alert, kind: AlertResult['kind']) =>
  name === 'Watchdog' || (kind === 'drilled' && (area === 'node' || name.startsWith('ErrorBudget')))

/** Names of the alerts whose last delivery says "firing". */
function unresolved(deliveries: readonly Delivery[]): string[] {
  const last = new Map(deliveries.map(delivery => [JSON.stringify(delivery.labels), delivery]))
  return [...last.values()].filter(({ status }) => status === 'firing').map(({ labels }) => `${labels.alertname}`)
}

class AlertDrill {
  readonly #monitoring: Monitoring
  readonly #cause: Cause & DeliveryBounds
  readonly #rule: Alert
  /** Alerts whose firing is no failure of the drill. */
  readonly #ignored: ReadonlySet<string>
  /** Deliveries that arrived before the drill. */
  readonly #skipped: number
  /** Begin and end of the cause, Unix time in seconds. */
  #began = unixTime()
  #ended = unixTime()

  constructor(monitoring: Monitoring, cause: Cause, kind: AlertResult['kind']) {
    const rule = RULES.find(({ name }) => name === cause.alert)
    if (rule === undefined) throw new Error(`no alerting rule has the name ${cause.alert}`)
    this.#monitoring = monitoring
    this.#cause = { ...BOUNDS, ...cause }
    this.#rule = rule
    this.#ignored = new Set(RULES.filter(alert => isIgnored(alert, kind)).map(({ name }) => name))
    this.#skipped = monitoring.deliveries.length
  }

  async run() {
    let failure: string | undefined
    try {
      await this.#waitUntilQuiet()
      if (await this.#inflictUntilDelivered()) await this.#waitForResolution()
    } catch (error) {
      failure = failureOf(error, this.#monitoring.signal)
      this.#say(`FAILED: ${failure}`)
    }
    const timelines = await this.#readTimelines().catch(error => {
      failure ??= `Prometheus did not return the states of the alerts: ${(error as Error).message}`
      return []
    })
    return { ...this.#judge(timelines), failure }
  }

  #say(line: string) {
    this.#monitoring.say(`${this.#rule.name}: ${line}`)
  }

  /** Polls until a time (Unix, in seconds); returns whether `ask` returned true. */
  async #poll(ask: () => boolean | Promise<boolean>, end: number): Promise<boolean> {
    const { signal } = this.#monitoring
    return (await poll(ask, { timeoutSeconds: end - unixTime(), signal })) ?? false
  }

  async #waitUntilQuiet(): Promise<void> {
    const { prometheus, deliveries } = this.#monitoring
    let active: string[] = []
    const isQuiet = async () => {
      const answers = await prometheus.instant('ALERTS')
      const names = new Set([...answers.map(({ labels }) => `${labels.alertname}`), ...unresolved(deliveries)])
      active = [...names].filter(name => name === this.#rule.name || !this.#ignored.has(name))
      return active.length === 0
    }
    if (await this.#poll(isQuiet, unixTime() + QUIET_TIMEOUT_SECONDS)) return
    throw new Error(`alerts were still active before the drill, after ${QUIET_TIMEOUT_SECONDS} s: ${active.join(', ')}`)
  }

  /** Inflicts the cause and ends the cause in any case. Returns whether the alert was delivered in time. */
  async #inflictUntilDelivered(): Promise<boolean> {
    const { how, inflict, endsAtFiring } = this.#cause
    this.#say(how)
    this.#began = unixTime()
    const end = await inflict()
    let delivered = false
    try {
      if (endsAtFiring) await this.#waitUntilFiring()
      else delivered = await this.#waitForDelivery()
    } finally {
      this.#ended = unixTime()
      await end().catch(error => {
        throw new Error(`the cause could not be ended: ${error.message}`)
      })
    }
    return endsAtFiring ? this.#waitForDelivery() : delivered
  }

  async #waitUntilFiring(): Promise<void> {
    const query = select('ALERTS', { alertname: this.#rule.name, alertstate: 'firing' })
    const isFiring = async () => (await this.#monitoring.prometheus.instant(query)).length > 0
    await this.#poll(isFiring, unixTime() + this.#cause.delivered)
  }

  async #waitForDelivery(): Promise<boolean> {
    const isDelivered = () => this.#ownDeliveries().some(({ status }) => status === 'firing')
    const end = Math.max(this.#began + this.#cause.delivered, unixTime() + EVALUATION_SECONDS)
    const delivered = await this.#poll(isDelivered, end)
    this.#say(`${delivered ? 'delivered' : 'NOT DELIVERED'} after ${(unixTime() - this.#began).toFixed(0)} s`)
    return delivered
  }

  async #waitForResolution(): Promise<void> {
    const isResolved = () => unresolved(this.#ownDeliveries()).length === 0
    const resolved = await this.#poll(isResolved, this.#ended + this.#cause.resolved)
    this.#say(`${resolved ? 'resolved' : 'NOT RESOLVED'} after ${(unixTime() - this.#ended).toFixed(0)} s`)
  }

  #ownDeliveries() {
    const { deliveries } = this.#monitoring
    return deliveries.slice(this.#skipped).filter(({ labels }) => labels.alertname === this.#rule.name)
  }

  #deliveriesSinceCause() {
    return this.#monitoring.deliveries.slice(this.#skipped).filter(({ at }) => at >= this.#began)
  }

  /** The timelines of all alerts that were active since the cause began. */
  #readTimelines(): Promise<AlertTimeline[]> {
    const window = { begin: this.#began, end: unixTime(), evaluation: EVALUATION_SECONDS }
    const expected = new Map([[this.#rule.name, []]])
    return alertTimelines(this.#monitoring.prometheus, RULES, expected, this.#deliveriesSinceCause(), window)
  }

  #judge(timelines: readonly AlertTimeline[]) {
    const { alert, how, also = [], delivered: bound } = this.#cause
    const [rule, began, ended] = [this.#rule, this.#began, this.#ended]
    const own = timelines.find(({ name }) => name === rule.name)
    const timeline = own && { ...own, states: statesSince(own, began) }
    const delivered = timeline && first(timeline, 'delivered')
    const resolved = timeline?.states.findLast(({ state }) => state === 'resolved')?.at
    const detection = delivered && delivered - began
    const recovery = resolved && resolved - ended
    const firing = this.#deliveriesSinceCause().filter(({ status }) => status === 'firing')
    const names = new Set(firing.map(({ labels }) => `${labels.alertname}`))
    const allowed = new Set([rule.name, ...also, ...this.#ignored])
    const wrong = [...names].filter(name => !allowed.has(name))
    const others = timelines
      .filter(({ name }) => name !== rule.name && name !== 'Watchdog')
      .filter(({ states }) => states.some(({ state, at }) => state === 'firing' && at >= began))
      .map(({ name }) => (names.has(name) ? name : `${name} (not delivered)`))
    const checks: Check[] = [
      statesCheck('states in order', timeline?.states ?? [], rule.for !== undefined),
      atMost('cause to delivered', detection, bound, ' s'),
      atMost('end of the cause to resolved', recovery, this.#cause.resolved, ' s'),
      { name: 'other alerts delivered', expected: 'none', seen: wrong.join(', ') || 'none', ok: wrong.length === 0 },
    ]
    return { alert, how, began, ended, bound, timeline, detection, recovery, others, checks }
  }
}

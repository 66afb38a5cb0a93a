import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import type { Alert } from '../../monitoring/rule.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { DEMANDS } from '../overload/bounds.ts'
import { hasInOrder, lifeOf } from '../overload/checks.ts'
import { atMost, eventually } from '../overload/engine.ts'
import type { AlertLife, Check } from '../overload/story.ts'
import { alertLives } from './alerts.ts'
import type { Cause, Proof, Watch } from './proof.ts'

/** Seconds for alerts of before to be gone: the longest window of a drill, and what Alertmanager needs to tell. */
const SETTLED = 120

const RULES = alerts(PROFILE)
const evaluation = secondsOf(PROFILE.evaluationInterval)

const now = () => Date.now() / 1000

/**
 * Alerts that may fire at any time. Watchdog does. On a stack that others share the node may be busy with something else,
 * and an error budget tells of the hour before: these are told of, and no fault.
 */
const isBeside = ({ name, area }: Alert, kind: Proof['kind']) =>
  name === 'Watchdog' || (kind === 'drilled' && (area === 'node' || name.startsWith('ErrorBudget')))

/**
 * Proves an alert by its cause: calm before, every state that its rule has, delivered and resolved in time, and nothing
 * else delivered. Never throws for what it saw; the cause is ended in any case.
 */
export async function prove(watch: Watch, cause: Cause, from: Pick<Proof, 'kind' | 'platform'>): Promise<Proof> {
  const { signal, say } = watch
  const rule = RULES.find(({ name }) => name === cause.alert)
  if (rule === undefined) throw new Error(`there is no alert ${cause.alert}`)
  const mayFire = new Set(RULES.filter(alert => isBeside(alert, from.kind)).map(({ name }) => name))
  const bounds = { delivered: cause.delivered ?? DEMANDS.delivered, resolved: cause.resolved ?? DEMANDS.resolved }
  const first = watch.deliveries.length
  const told = () => watch.deliveries.slice(first).filter(({ labels }) => labels.alertname === rule.name)
  const isResolved = () => told().length > 0 && stillFiring(told()) === 0
  let [began, ended] = [now(), now()]
  let failure: string | undefined
  let ending: (() => Promise<void>) | undefined
  /** Ends the cause, once. */
  const end = async () => {
    const still = ending
    ending = undefined
    if (still === undefined) return
    ended = now()
    await still()
  }

  try {
    const counts = (name: string) => name === rule.name || !mayFire.has(name)
    const busy = async () => {
      const told = watch.deliveries.filter(({ labels }) => counts(`${labels.alertname}`))
      const unresolved = stillFiring(told) > 0 ? ['what was delivered is not resolved'] : []
      return [...(await active(watch, counts)), ...unresolved]
    }
    if (!(await eventually(SETTLED, signal, async () => (await busy()).length === 0)))
      throw new Error(`not calm after ${SETTLED} s: ${(await busy()).join(', ')}`)
    say(`${rule.name}: ${cause.how}`)
    began = now()
    ending = await cause.inflict()
    if (cause.endsAtFiring) {
      await eventually(bounds.delivered, signal, () => isFiring(watch, rule.name))
      await end()
    }
    const left = began + bounds.delivered - now()
    const arrived = await eventually(Math.max(left, evaluation), signal, () =>
      told().some(({ status }) => status === 'firing'),
    )
    say(`${rule.name}: ${arrived ? 'delivered' : 'NOT DELIVERED'} after ${(now() - began).toFixed(0)} s`)
    await end()
    if (arrived) {
      const resolved = await eventually(ended + bounds.resolved - now(), signal, isResolved)
      say(`${rule.name}: ${resolved ? 'resolved' : 'NOT RESOLVED'} after ${(now() - ended).toFixed(0)} s`)
    }
  } catch (error) {
    failure = (signal.aborted ? (signal.reason as Error) : (error as Error)).message
    say(`${rule.name}: FAILED: ${failure}`)
  } finally {
    await end().catch(error => {
      failure ??= `the fault could not be ended: ${error.message}`
    })
  }

  const deliveries = watch.deliveries.slice(first).filter(({ at }) => at >= began)
  const lives = await alertLives(
    watch.prometheus,
    RULES,
    new Map([[rule.name, []]]),
    deliveries,
    { begin: began, end: now(), evaluation },
    undefined,
  ).catch((error): AlertLife[] => {
    failure ??= `what was seen cannot be read back: ${error.message}`
    return []
  })
  const life = lives.filter(({ name }) => name === rule.name).map(life => since(began, life))[0]
  const at = (state: string) => life?.states.find(entry => entry.state === state)?.at
  const detection = seconds(began, at('delivered'))
  const recovery = seconds(ended, life?.states.findLast(({ state }) => state === 'resolved')?.at)
  const rightly = new Set([...(cause.also ?? []), ...mayFire, rule.name])
  const names = new Set(
    deliveries.filter(({ status }) => status === 'firing').map(({ labels }) => `${labels.alertname}`),
  )
  const wrong = [...names].filter(name => !rightly.has(name))
  const beside = lives
    .filter(
      ({ name, states }) =>
        name !== rule.name && name !== 'Watchdog' && states.some(({ state, at }) => state === 'firing' && at >= began),
    )
    .map(({ name }) => (names.has(name) ? name : `${name} (not delivered)`))
  const checks: Check[] = [
    statesCheck(rule, life),
    atMost('cause to delivered', detection, bounds.delivered, ' s'),
    atMost('end of the cause to resolved', recovery, bounds.resolved, ' s'),
    { name: 'other alerts delivered', expected: 'none', seen: wrong.join(', ') || 'none', ok: wrong.length === 0 },
  ]
  return {
    ...{ alert: rule.name, ...from, how: cause.how, began, ended, bound: bounds.delivered, beside, checks },
    ...(life && { life }),
    ...(detection !== undefined && { detection }),
    ...(recovery !== undefined && { recovery }),
    ...(failure !== undefined && { failure }),
  }
}

const seconds = (begin: number, at: number | undefined) => (at === undefined ? undefined : at - begin)

/** What a life had since a time at which all was calm: the last evaluation that saw it active may be seconds before that. */
const since = (begin: number, life: AlertLife): AlertLife => ({
  ...life,
  states: [
    { state: 'inactive', at: begin },
    ...life.states.filter(({ state, at }) => state !== 'inactive' && at >= begin),
  ],
  spans: life.spans.filter(span => span.begin >= begin),
})

function statesCheck({ for: duration }: Alert, life: AlertLife | undefined): Check {
  const demanded = lifeOf(duration !== undefined)
  const seen = life?.states.map(({ state }) => state) ?? []
  return {
    name: 'its states, in order',
    expected: demanded.join(' → '),
    seen: seen.join(' → ') || 'nothing',
    ok: hasInOrder(seen, demanded),
  }
}

/** The alerts that are pending or firing, of those that are asked for. */
async function active({ prometheus }: Watch, isAskedFor: (name: string) => boolean): Promise<string[]> {
  const answers = await prometheus.instant('ALERTS', now())
  return [...new Set(answers.map(({ labels }) => labels.alertname ?? ''))].filter(isAskedFor)
}

/** How many of an alert's targets were last told to be firing. */
function stillFiring(deliveries: readonly Delivery[]): number {
  const last = new Map(deliveries.map(({ labels, status }) => [JSON.stringify(labels), status]))
  return [...last.values()].filter(status => status === 'firing').length
}

async function isFiring({ prometheus }: Watch, name: string): Promise<boolean> {
  return (await prometheus.instant(`ALERTS{alertname="${name}",alertstate="firing"}`, now())).length > 0
}

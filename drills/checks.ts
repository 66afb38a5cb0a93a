import type { Delivery } from '../k8s/monitoring/receiver.ts'
import { first } from './alerts.ts'
import { DEMANDS } from './bounds.ts'
import { atMost } from './engine.ts'
import type { AlertLife, Capacity, Check, Phase, Story } from './story.ts'

/** What an alert goes through, in this order; one without a `for` is never pending. */
export const lifeOf = (hasFor: boolean): AlertLife['states'][number]['state'][] => [
  'inactive',
  ...(hasFor ? (['pending'] as const) : []),
  'firing',
  'delivered',
  'resolved',
]

const LIFE = lifeOf(true)

/** Everything that the overload drill demands, with what was seen. What was not reached was not seen, and fails. */
export function overloadChecks(
  story: Omit<Story, 'checks'>,
  deliveries: readonly Delivery[],
  expected: Iterable<string>,
): Check[] {
  const { capacities, phases, alerts, settings } = story
  const [one] = capacities
  const many = capacities.at(-1)
  const phase = (name: Phase['name']) => phases.find(phase => phase.name === name)?.load
  const [calm, overload, scaled] = [phase('calm'), phase('overload'), phase('scaled')]
  const factor = one && overload && overload.rate / one.rate

  return [
    atMost('calm: 95th percentile', calm?.latency.p95, settings.latencyBound, ' s'),
    atMost('calm: failed requests', calm?.failedRatio, settings.failedRatioBound, ''),
    atMost('calm: wrong answers', calm?.wrong, 0, ''),
    {
      name: 'overload: offered, as a share of the capacity of one replica',
      expected: `at least ${DEMANDS.overloadFactor.least}`,
      seen: factor?.toFixed(2) ?? 'nothing',
      ok: factor !== undefined && factor >= DEMANDS.overloadFactor.least,
    },
    {
      name: 'overload: it tips, the 95th percentile',
      expected: `more than ${settings.latencyBound} s`,
      seen: overload === undefined ? 'nothing' : `${overload.latency.p95.toFixed(2)} s`,
      ok: overload !== undefined && overload.latency.p95 > settings.latencyBound,
    },
    atMost('overload: iterations that k6 dropped', overload?.dropped, 0, ''),
    atMost('overload: wrong answers', overload?.wrong, 0, ''),
    ...[...expected].flatMap(name =>
      alertChecks(
        name,
        alerts.find(alert => alert.name === name),
        story,
        deliveries,
      ),
    ),
    atMost('scaled: 95th percentile', scaled?.latency.p95, settings.latencyBound, ' s'),
    atMost('scaled: failed requests', scaled?.failedRatio, settings.failedRatioBound, ''),
    atMost('scaled: iterations that k6 dropped', scaled?.dropped, 0, ''),
    atMost('scaled: wrong answers', scaled?.wrong, 0, ''),
    {
      name: 'scaled: the same load as the overload',
      expected: `${overload?.rate ?? '–'} requests/s`,
      seen: `${scaled?.rate ?? '–'} requests/s`,
      ok: overload !== undefined && overload.rate === scaled?.rate,
    },
    settings.autoscaled ? recoveryCheck(story) : scalingCheck(one, many, settings.efficiency),
  ]
}

/** How many times one replica's capacity so many must carry: their share of it, and room for an overload of one. */
export const leastTimes = (replicas: number, efficiency: number) =>
  Math.max(DEMANDS.overloadFactor.least, Math.round(efficiency * replicas * 100) / 100)

function scalingCheck(one: Capacity | undefined, many: Capacity | undefined, efficiency: number): Check {
  const replicas = many?.replicas ?? 0
  const least = leastTimes(replicas, efficiency)
  const times = one && many && replicas > 1 ? many.rate / one.rate : undefined
  return {
    name: `capacity of ${replicas} replicas against one`,
    expected: `at least ${least} times`,
    seen: times === undefined ? 'nothing' : `${times.toFixed(2)} times`,
    ok: times !== undefined && times >= least,
  }
}

/** That clients were served in time again while the overload went on, and from then on. */
function recoveryCheck({ phases, series, settings }: Pick<Story, 'phases' | 'series' | 'settings'>): Check {
  const name = "recovery with no hand on it: overload's begin to the client's 95th percentile in its bound"
  const overload = phases.find(phase => phase.name === 'overload')
  const points = series.find(({ id }) => id === 'clientLatency')?.points ?? []
  const during = points.filter(([at]) => overload && at >= overload.begin && at <= overload.end)
  const late = during.findLast(([, seconds]) => seconds > settings.latencyBound)
  const recovered = late !== undefined && late !== during.at(-1) ? late[0] - (overload?.begin ?? 0) : undefined
  return atMost(name, recovered, DEMANDS.autoscaled, ' s')
}

function alertChecks(
  name: string,
  life: AlertLife | undefined,
  { phases, settings }: Pick<Story, 'phases' | 'settings'>,
  deliveries: readonly Delivery[],
): Check[] {
  const states = life?.states ?? []
  const overload = phases.find(phase => phase.name === 'overload')
  const delivered = life && first(life, 'delivered')
  const own = deliveries.filter(({ labels }) => labels.alertname === name)
  const told = own.filter(({ labels, annotations }) => labels.severity === life?.severity && annotations.runbook_url)
  const statuses = [...new Set(told.map(({ status }) => status))].sort()
  const parts = life?.detection?.parts.reduce((sum, { seconds }) => sum + seconds, 0)
  const difference = life?.detection && parts !== undefined ? Math.abs(life.detection.total - parts) : undefined
  const negative = life?.detection?.parts.find(({ seconds }) => seconds < 0)

  return [
    {
      name: `${name}: its states, in order`,
      expected: LIFE.join(' → '),
      seen: states.map(({ state }) => state).join(' → ') || 'nothing',
      ok: hasInOrder(
        states.map(({ state }) => state),
        LIFE,
      ),
    },
    atMost(
      `${name}: overload to delivered`,
      delivered !== undefined && overload ? delivered - overload.begin : undefined,
      DEMANDS.delivered,
      ' s',
    ),
    {
      name: `${name}: delivered with severity and runbook`,
      expected: 'firing and resolved',
      seen: statuses.join(' and ') || 'nothing',
      ok: statuses.join() === 'firing,resolved',
    },
    {
      ...atMost(`${name}: parts of the detection against the whole`, difference, settings.scrapeInterval, ' s'),
      ...(negative && { seen: `${negative.name}: ${negative.seconds.toFixed(1)} s`, ok: false }),
    },
    atMost(`${name}: end of the overload to resolved`, life?.recovery, DEMANDS.resolved, ' s'),
  ]
}

/** Whether a life has every state that is demanded, each after the one before. */
export function hasInOrder(states: readonly string[], demanded: readonly string[]): boolean {
  let reached = 0
  for (const state of states) if (state === demanded[reached]) reached++
  return reached === demanded.length
}

import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { DEMANDS } from './bounds.ts'
import type { AlertTimeline, Capacity, Check, LoadResult, OverloadResult, Phase, Verdict } from './overload-result.ts'

/** What an alert goes through, in this order; one without a `for` is never pending. */
export const lifeOf = (hasFor: boolean): AlertTimeline['states'][number]['state'][] => [
  'inactive',
  ...(hasFor ? (['pending'] as const) : []),
  'firing',
  'delivered',
  'resolved',
]

const LIFE = lifeOf(true)

/** Everything that the overload drill demands, with what was seen. What was not reached was not seen, and fails. */
export function overloadChecks(story: Evidence, deliveries: readonly Delivery[], expected: Iterable<string>): Check[] {
  const { capacities, phases, alerts, settings } = story
  const [one] = capacities
  const phase = (name: Phase['name']) => phases.find(phase => phase.name === name)?.load
  const [steadyState, overload, scaled] = [phase('steady state'), phase('overload'), phase('scaled')]
  const tipped = story.tipping?.after !== undefined

  const afterTipping = [
    ...[...expected].flatMap(name =>
      alertChecks(
        name,
        alerts.find(alert => alert.name === name),
        story,
        deliveries,
      ),
    ),
    ...objectiveChecks('scaled', scaled, settings),
    {
      name: 'scaled: the same load as the overload',
      expected: `${overload?.rate ?? '–'} requests/s`,
      seen: `${scaled?.rate ?? '–'} requests/s`,
      ok: overload !== undefined && overload.rate === scaled?.rate,
    },
    settings.autoscaled ? recoveryCheck(story) : scalingCheck(one, capacities),
  ]
  return [
    ...objectiveChecks('steady state', steadyState, settings),
    overloadCheck(one, overload, settings),
    needsCPU({
      name: 'overload: clients give up requests',
      expected: 'while it lasts',
      seen: tipped ? `after ${story.tipping?.after?.toFixed(0)} s` : 'never',
      ok: tipped,
    }),
    wrongCheck('overload', overload),
    // where the service never tipped, nothing that follows says anything of alerts
    ...(tipped ? afterTipping : afterTipping.map(needsCPU)),
  ]
}

/** What checks are made from. */
type Evidence = Omit<OverloadResult, 'checks' | 'verdict'>

/** Marks a check that can fail because the machine has no CPU left. */
const needsCPU = (check: Check): Check => ({ ...check, needsCPU: true })

/** That a phase held the objective, and that the generator sent all of it. */
const objectiveChecks = (
  phase: string,
  load: LoadResult | undefined,
  settings: OverloadResult['settings'],
): Check[] => [
  needsCPU(atMost(`${phase}: 95th percentile`, load?.latency.p95, settings.latencyBound, ' s')),
  needsCPU(atMost(`${phase}: failed requests`, load?.failedRatio, settings.failedRatioBound, '')),
  needsCPU(atMost(`${phase}: iterations that k6 dropped`, load?.dropped, 0, '')),
  wrongCheck(phase, load),
]

const wrongCheck = (phase: string, load: LoadResult | undefined) =>
  atMost(`${phase}: wrong answers`, load?.wrong, 0, '')

function overloadCheck(
  one: Capacity | undefined,
  overload: LoadResult | undefined,
  { replicas }: OverloadResult['settings'],
) {
  const factor = one && overload && overload.rate / one.rate
  return {
    name: `overload: offered to ${replicas.before} replica, in multiples of its capacity`,
    expected: `at least ${DEMANDS.overloadFactor.least}`,
    seen: factor?.toFixed(2) ?? 'nothing',
    ok: factor !== undefined && factor >= DEMANDS.overloadFactor.least,
  }
}

/** Scaling efficiency of so many replicas: their capacity over as many times that of one. */
export const efficiencyOf = (one: Capacity, many: Capacity) => many.rate / (many.replicas * one.rate)

function scalingCheck(one: Capacity | undefined, capacities: readonly Capacity[]): Check {
  const many = capacities.at(-1)
  const seen = one && many && many !== one ? efficiencyOf(one, many) : undefined
  return needsCPU({
    name: `scaling efficiency at ${many?.replicas ?? 0} replicas`,
    expected: `at least ${DEMANDS.efficiency}`,
    seen: seen?.toFixed(2) ?? 'nothing',
    ok: seen !== undefined && seen >= DEMANDS.efficiency,
  })
}

/**
 * The verdict: failed where a check failed, or the drill broke off; but inconclusive where only such checks failed as need CPU,
 * and the machine had none left.
 */
export function verdictOf(checks: readonly Check[], starved: readonly string[], failure: string | undefined): Verdict {
  if (failure !== undefined) return 'failed'
  const failed = checks.filter(({ ok }) => !ok)
  if (failed.length === 0) return 'passed'
  return starved.length > 0 && failed.every(check => check.needsCPU) ? 'inconclusive' : 'failed'
}

/** That clients were served in time again while the overload went on, and from then on. */
function recoveryCheck({ phases, series, settings }: Pick<OverloadResult, 'phases' | 'series' | 'settings'>): Check {
  const name = "recovery with no hand on it: overload's begin to the client's 95th percentile in its bound"
  const overload = phases.find(phase => phase.name === 'overload')
  const points = series.find(({ id }) => id === 'clientLatency')?.points ?? []
  const during = points.filter(([at]) => overload && at >= overload.begin && at <= overload.end)
  const late = during.findLast(([, seconds]) => seconds > settings.latencyBound)
  const recovered = late !== undefined && late !== during.at(-1) ? late[0] - (overload?.begin ?? 0) : undefined
  return needsCPU(atMost(name, recovered, DEMANDS.autoscaled, ' s'))
}

function alertChecks(
  name: string,
  life: AlertTimeline | undefined,
  { phases, settings }: Pick<OverloadResult, 'phases' | 'settings'>,
  deliveries: readonly Delivery[],
): Check[] {
  const overload = phases.find(phase => phase.name === 'overload')
  const states = life && overload ? statesSince(life, overload.begin) : []
  const delivered = states.find(({ state }) => state === 'delivered')?.at
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

/** The states of an alert from a time on: another incident before it is none of this one. */
function statesSince({ states, spans }: AlertTimeline, begin: number): AlertTimeline['states'] {
  const wasActive = spans.some(span => span.begin < begin && span.end > begin)
  const after = states.filter(({ state, at }) => state !== 'inactive' && at >= begin)
  return wasActive ? after : [{ state: 'inactive', at: begin }, ...after]
}

/** Whether a life has every state that is demanded, each after the one before. */
export function hasInOrder(states: readonly string[], demanded: readonly string[]): boolean {
  let reached = 0
  for (const state of states) if (state === demanded[reached]) reached++
  return reached === demanded.length
}

/** A check that a figure is at most `bound`; fails when the figure is missing. */
export function atMost(name: string, seen: number | undefined, bound: number, unit: string): Check {
  const text = seen === undefined || !Number.isFinite(seen) ? 'nothing' : `${Number(seen.toPrecision(3))}${unit}`
  return { name, expected: `at most ${bound}${unit}`, seen: text, ok: seen !== undefined && seen <= bound }
}

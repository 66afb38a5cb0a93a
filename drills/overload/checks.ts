import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { DEMANDS, type DeliveryBounds } from './bounds.ts'
import type { AlertTimeline, Capacity, Check, LoadResult, OverloadResult, Phase, Verdict } from './overload-result.ts'

/** All checks of the overload drill. A check fails when the drill ended before its figure was measured. */
export function overloadChecks(
  result: Evidence,
  deliveries: readonly Delivery[],
  expected: Iterable<string>,
  bounds: DeliveryBounds,
): Check[] {
  const { capacities, phases, alerts, settings } = result
  const [one] = capacities
  const phase = (name: Phase['name']) => phases.find(phase => phase.name === name)?.load
  const [steadyState, overload, scaled] = [phase('steady state'), phase('overload'), phase('scaled')]
  const tipped = result.tipping?.after !== undefined

  const timelineOf = (name: string) => alerts.find(alert => alert.name === name)
  const afterTipping = [
    ...[...expected].flatMap(name => alertChecks(name, timelineOf(name), result, deliveries, bounds)),
    ...objectiveChecks('scaled', scaled),
    {
      name: 'scaled: the same load as the overload',
      expected: `${overload?.rate ?? '–'} requests/s`,
      seen: `${scaled?.rate ?? '–'} requests/s`,
      ok: overload !== undefined && overload.rate === scaled?.rate,
    },
    settings.autoscaled ? recoveryCheck(result) : scalingCheck(one, capacities),
  ]
  return [
    ...objectiveChecks('steady state', steadyState),
    atLeast(
      `overload: rate in multiples of the capacity of ${settings.replicas.before} replica`,
      one && overload && overload.rate / one.rate,
      DEMANDS.overloadFactor.least,
    ),
    needsCPU({
      name: 'overload: clients give up requests',
      expected: 'during the overload',
      seen: tipped ? `after ${result.tipping?.after?.toFixed(0)} s` : 'never',
      ok: tipped,
    }),
    wrongCheck('overload', overload),
    // when the service never tipped, the checks that follow prove nothing about the alerts
    ...(tipped ? afterTipping : afterTipping.map(needsCPU)),
  ]
}

type Evidence = Omit<OverloadResult, 'checks' | 'verdict'>

/** Marks a check that can fail for lack of CPU on the machine. */
export const needsCPU = (check: Check): Check => ({ ...check, needsCPU: true })

/** Checks that a phase met the objective, and that k6 sent every request. */
const objectiveChecks = (phase: string, load: LoadResult | undefined): Check[] => [
  needsCPU(atMost(`${phase}: 95th percentile`, load?.latency.p95, DEMANDS.latency, ' s')),
  needsCPU(atMost(`${phase}: failed requests`, load?.failedRatio, DEMANDS.failedRatio, '')),
  needsCPU(atMost(`${phase}: requests that k6 could not send`, load?.dropped, 0, '')),
  wrongCheck(phase, load),
]

const wrongCheck = (phase: string, load: LoadResult | undefined) =>
  atMost(`${phase}: wrong answers`, load?.wrong, 0, '')

/** A check that a figure is at least `bound`; fails when the figure is missing. */
export const atLeast = (name: string, seen: number | undefined, bound: number, digits = 2): Check => ({
  name,
  expected: `at least ${bound}`,
  seen: seen?.toFixed(digits) ?? 'nothing',
  ok: seen !== undefined && seen >= bound,
})

/** Scaling efficiency: capacity(N) / (N × capacity(1)). */
export const efficiencyOf = (one: Capacity, many: Capacity) => many.rate / (many.replicas * one.rate)

function scalingCheck(one: Capacity | undefined, capacities: readonly Capacity[]): Check {
  const many = capacities.at(-1)
  const seen = one && many && many !== one ? efficiencyOf(one, many) : undefined
  return needsCPU(atLeast(`scaling efficiency at ${many?.replicas ?? 0} replicas`, seen, DEMANDS.efficiency))
}

/**
 * Failed when a check failed or the drill stopped early. Inconclusive when the machine had no CPU left and every failed
 * check needs CPU.
 */
export function verdictOf(checks: readonly Check[], starved: readonly string[], failure: string | undefined): Verdict {
  if (failure !== undefined) return 'failed'
  const failed = checks.filter(({ ok }) => !ok)
  if (failed.length === 0) return 'passed'
  return starved.length > 0 && failed.every(check => check.needsCPU) ? 'inconclusive' : 'failed'
}

/** Checks that latency returned to its bound during the overload, and stayed there. */
function recoveryCheck({ phases, series }: Evidence): Check {
  const name = "recovery by the autoscaler: start of the overload to the client's 95th percentile in its bound"
  const overload = phases.find(phase => phase.name === 'overload')
  const points = series.find(({ id }) => id === 'clientLatency')?.points ?? []
  const during = points.filter(([at]) => overload && at >= overload.begin && at <= overload.end)
  const late = during.findLast(([, seconds]) => seconds > DEMANDS.latency)
  const recovered = late !== undefined && late !== during.at(-1) ? late[0] - (overload?.begin ?? 0) : undefined
  return needsCPU(atMost(name, recovered, DEMANDS.autoscaled, ' s'))
}

function alertChecks(
  name: string,
  timeline: AlertTimeline | undefined,
  { phases, settings }: Evidence,
  deliveries: readonly Delivery[],
  bounds: DeliveryBounds,
): Check[] {
  const overload = phases.find(phase => phase.name === 'overload')
  const states = timeline && overload ? statesSince(timeline, overload.begin) : []
  const delivered = states.find(({ state }) => state === 'delivered')?.at
  const untilDelivered = delivered !== undefined && overload ? delivered - overload.begin : undefined
  const own = deliveries.filter(({ labels }) => labels.alertname === name)
  const complete = own.filter(
    ({ labels, annotations }) => labels.severity === timeline?.severity && annotations.runbook_url,
  )
  const statuses = [...new Set(complete.map(({ status }) => status))].sort()
  const parts = timeline?.detection?.parts.reduce((sum, { seconds }) => sum + seconds, 0)
  const difference = timeline?.detection && parts !== undefined ? Math.abs(timeline.detection.total - parts) : undefined
  const negative = timeline?.detection?.parts.find(({ seconds }) => seconds < 0)

  return [
    statesCheck(`${name}: states in order`, states, true),
    atMost(`${name}: overload to delivered`, untilDelivered, bounds.delivered, ' s'),
    {
      name: `${name}: delivered with severity and runbook`,
      expected: 'firing and resolved',
      seen: statuses.join(' and ') || 'nothing',
      ok: statuses.join() === 'firing,resolved',
    },
    {
      ...atMost(
        `${name}: difference between the detection time and the sum of its parts`,
        difference,
        settings.scrapeInterval,
        ' s',
      ),
      ...(negative && { seen: `${negative.name}: ${negative.seconds.toFixed(1)} s`, ok: false }),
    },
    atMost(`${name}: end of the overload to resolved`, timeline?.recovery, bounds.resolved, ' s'),
  ]
}

/** States of an alert since `begin`, without those of an earlier incident. */
export function statesSince({ states, spans }: AlertTimeline, begin: number): AlertTimeline['states'] {
  const wasActive = spans.some(span => span.begin < begin && span.end > begin)
  const after = states.filter(({ state, at }) => state !== 'inactive' && at >= begin)
  return wasActive ? after : [{ state: 'inactive', at: begin }, ...after]
}

/**
 * A check that an alert had the states of an incident, in order; other states may lie between.
 * @param hasFor whether the rule has a `for`; without, the alert is never pending
 */
export function statesCheck(name: string, states: AlertTimeline['states'], hasFor: boolean): Check {
  const demanded = ['inactive', ...(hasFor ? ['pending'] : []), 'firing', 'delivered', 'resolved']
  let reached = 0
  for (const { state } of states) if (state === demanded[reached]) reached++
  return {
    name,
    expected: demanded.join(' → '),
    seen: states.map(({ state }) => state).join(' → ') || 'nothing',
    ok: reached === demanded.length,
  }
}

/** A check that a figure is at most `bound`; fails when the figure is missing. */
export function atMost(name: string, seen: number | undefined, bound: number, unit: string): Check {
  const text = seen === undefined || !Number.isFinite(seen) ? 'nothing' : `${Number(seen.toPrecision(3))}${unit}`
  return { name, expected: `at most ${bound}${unit}`, seen: text, ok: seen !== undefined && seen <= bound }
}

import type { PrometheusClient } from '../../lib/prometheus.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { alerts as alertRules } from '../../monitoring/rules/rules.ts'
import { alertTimelines, type OverloadTimes } from '../alerts/alert-timelines.ts'
import { DEMANDS, deliveryBounds } from './bounds.ts'
import { overloadChecks, verdictOf } from './checks.ts'
import { type CPUSecond, describeShortage, readNode } from './cpu-shortage.ts'
import { describeMachine } from './describe-machine.ts'
import type { OverloadOptions } from './overload-drill.ts'
import type { AlertTimeline, Capacity, OverloadResult, Phase, Series, Tipping } from './overload-result.ts'
import { ownPercentiles, readSeries } from './read-series.ts'
import { symptomsOf } from './symptoms.ts'

/** What the steps of the drill recorded. Times are Unix times in seconds. */
export interface Observations {
  readonly startedAt: number
  readonly capacities: Capacity[]
  phases: Phase[]
  readonly marks: { at: number; label: string }[]
  tipping?: Tipping
  overloaded?: OverloadTimes
  failure?: string | undefined
}

/** Reads series and alerts of the drill from Prometheus and checks them. An error is the `failure` of the result. */
export async function judge(
  options: OverloadOptions,
  prometheus: PrometheusClient,
  seen: Observations,
  cpuSeconds: readonly CPUSecond[],
): Promise<OverloadResult> {
  const { platform, profile, autoscaled } = options
  const { startedAt, capacities, marks, tipping } = seen
  const endedAt = Date.now() / 1000
  const begin = seen.phases[0]?.begin ?? startedAt
  const symptoms = symptomsOf(profile, autoscaled)
  const scrapeInterval = secondsOf(profile.scrapeInterval)
  const [one] = capacities
  // a stack that was up before the drill can notify of the load that measured the capacities
  const deliveries = options.receiver.deliveries.filter(({ at }) => at >= begin)
  const window = { begin, end: endedAt, evaluation: secondsOf(profile.evaluationInterval) }
  let { failure, phases } = seen
  let [alerts, series]: [AlertTimeline[], Series[]] = [[], []]
  try {
    phases = await Promise.all(phases.map(phase => withPercentiles(prometheus, phase)))
    alerts = await alertTimelines(prometheus, alertRules(profile), symptoms, deliveries, window, seen.overloaded)
    series = await readSeries(prometheus, profile, phases, begin, endedAt)
  } catch (error) {
    failure ??= `the series of the drill cannot be read from Prometheus: ${(error as Error).message}`
  }
  const starved = describeShortage(cpuSeconds, spansOf(seen))
  if (platform.name !== 'local') {
    const node = await readNode(prometheus, begin, endedAt, scrapeInterval).catch(() => undefined)
    const spans = seen.phases.map(phase => ({ ...phase, title: `Node, ${phase.title}` }))
    if (node) starved.push(...describeShortage(node.samples, spans, node.cores))
  }
  const result = {
    drill: autoscaled ? 'autoscale' : 'overload',
    platform: platform.name,
    machine: await describeMachine(platform),
    settings: {
      overloadFactor: one && tipping ? tipping.rate / one.rate : DEMANDS.overloadFactor.first,
      replicas: { before: 1, after: phases.at(-1)?.replicas ?? 1 },
      ...{ autoscaled, seed: options.seed, scrapeInterval },
    },
    ...{ startedAt, endedAt, capacities, tipping, phases, alerts, series, starved, marks, failure },
  }
  const checks = overloadChecks(result, deliveries, symptoms.keys(), deliveryBounds(profile))
  return { ...result, checks, verdict: verdictOf(checks, starved, failure) }
}

const withPercentiles = async (prometheus: PrometheusClient, phase: Phase): Promise<Phase> => ({
  ...phase,
  own: await ownPercentiles(prometheus, phase.begin, phase.end),
})

/** The times in which a shortage of CPU matters: each measurement of capacity, and each phase. */
function spansOf({ capacities, phases }: Observations) {
  const measurements = capacities.map(({ replicas, runs }) => ({
    title: `Capacity of ${replicas}`,
    begin: runs[0]?.begin ?? 0,
    end: runs.at(-1)?.end ?? 0,
  }))
  return [...measurements, ...phases]
}

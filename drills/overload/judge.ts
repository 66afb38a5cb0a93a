import type { PrometheusClient } from '../../lib/prometheus.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { alerts as alertRules } from '../../monitoring/rules/rules.ts'
import { alertTimelines, type OverloadTimes } from '../alerts/alert-timelines.ts'
import type { Reception } from '../alerts/watch-deliveries.ts'
import { DEMANDS, deliveryBounds } from './bounds.ts'
import { overloadChecks, verdictOf } from './checks.ts'
import { type CPUSecond, describeShortage, readNode } from './cpu-shortage.ts'
import { describeMachine } from './describe-machine.ts'
import type { DrillContext, OverloadOptions } from './overload-drill.ts'
import type { AlertTimeline, Capacity, OverloadResult, Phase, Series, Tipping } from './overload-result.ts'
import { ownPercentiles, readSeries } from './read-series.ts'
import { symptomsOf } from './symptoms.ts'

/** What the steps of the drill recorded. Times are Unix times in seconds. */
export interface Observations {
  readonly startedAt: number
  readonly capacities: Capacity[]
  readonly phases: Phase[]
  readonly marks: { at: number; label: string }[]
  tipping?: Tipping
  overloaded?: OverloadTimes
  failure?: string
}

/** Reads series and alerts of the drill from Prometheus and checks them. An error is the `failure` of the result. */
export async function judge(
  { platform }: DrillContext,
  options: OverloadOptions,
  prometheus: PrometheusClient,
  seen: Observations,
  cpuSeconds: readonly CPUSecond[],
): Promise<OverloadResult> {
  const { startedAt, capacities, marks, tipping } = seen
  const endedAt = Date.now() / 1000
  const begin = seen.phases[0]?.begin ?? startedAt
  // a stack that was up before the drill can notify of the load that measured the capacities
  const deliveries = options.receiver.deliveries.filter(({ at }) => at >= begin)
  let { failure } = seen
  const [phases, alerts, series] = await readBack(prometheus, options, seen, begin, endedAt, deliveries).catch(
    (error): [Phase[], AlertTimeline[], Series[]] => {
      failure ??= `the series of the drill cannot be read from Prometheus: ${(error as Error).message}`
      return [seen.phases, [], []]
    },
  )
  const starved = describeShortage(cpuSeconds, spansOf(seen))
  if (platform.name !== 'local') {
    const scrape = secondsOf(options.profile.scrapeInterval)
    const node = await readNode(prometheus, begin, endedAt, scrape).catch(() => undefined)
    const spans = seen.phases.map(phase => ({ ...phase, title: `Node, ${phase.title}` }))
    if (node) starved.push(...describeShortage(node.samples, spans, node.cores))
  }
  const result = {
    drill: options.autoscaled ? 'autoscale' : 'overload',
    platform: platform.name,
    machine: await describeMachine(platform),
    settings: settingsOf(options, seen),
    ...{ startedAt, endedAt, capacities, phases, alerts, series, starved, marks },
    ...(tipping && { tipping }),
    ...(failure !== undefined && { failure }),
  }
  const checks = overloadChecks(result, deliveries, symptomsOf(options).keys(), deliveryBounds(options.profile))
  return { ...result, checks, verdict: verdictOf(checks, starved, failure) }
}

function readBack(
  prometheus: PrometheusClient,
  options: OverloadOptions,
  { phases, overloaded }: Observations,
  begin: number,
  end: number,
  deliveries: Reception['deliveries'],
) {
  const { profile } = options
  const window = { begin, end, evaluation: secondsOf(profile.evaluationInterval) }
  const withPercentiles = async (phase: Phase) => ({
    ...phase,
    own: await ownPercentiles(prometheus, phase.begin, phase.end),
  })
  return Promise.all([
    Promise.all(phases.map(withPercentiles)),
    alertTimelines(prometheus, alertRules(profile), symptomsOf(options), deliveries, window, overloaded),
    readSeries(prometheus, profile, phases, begin, end),
  ])
}

/** The times in which a shortage of CPU matters: each measurement of capacity, and each phase. */
function spansOf({ capacities, phases }: Observations) {
  const measurements = capacities.map(({ replicas, runs }) => ({
    title: `Capacity of ${replicas}`,
    begin: runs[0]?.begin ?? 0,
    end: runs.at(-1)?.end ?? 0,
  }))
  return [...measurements, ...phases]
}

function settingsOf(
  { profile, seed, autoscaled }: OverloadOptions,
  { capacities: [one], tipping, phases }: Observations,
): OverloadResult['settings'] {
  return {
    overloadFactor: one && tipping ? tipping.rate / one.rate : DEMANDS.overloadFactor.first,
    replicas: { before: 1, after: phases.at(-1)?.replicas ?? 1 },
    autoscaled,
    seed,
    requestTimeout: DEMANDS.requestTimeout,
    latencyBound: DEMANDS.latency,
    failedRatioBound: DEMANDS.failedRatio,
    scrapeInterval: secondsOf(profile.scrapeInterval),
  }
}

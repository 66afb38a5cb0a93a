import { incidents } from '../../monitoring/incidents/incidents.ts'
import { DISK_LABELS, EXPECTED_TARGETS, PROBE_LABELS, SERVICE_LABELS } from '../../monitoring/incidents/labels.ts'
import { BOUNDS, BURN_RATES, OBJECTIVES } from '../../monitoring/objectives.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS } from '../../monitoring/targets.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import type { Cause } from './alert-result.ts'
import { type ReplayPhase, type ReplaySeries, seriesOf } from './series-player.ts'

/** The series of an incident, for an alert whose cause is not inflicted on the stack. */
export interface Replay extends Omit<Cause, 'inflict'> {
  readonly series: readonly ReplaySeries[]
  /** Seconds of history before the incident. */
  readonly history?: number
}

const { requests } = catalogue
const requestsWith = (status: string) =>
  select(requests.name, { ...SERVICE_LABELS, [requests.labels.method]: 'GET', [requests.labels.status]: status })

const constant = (series: string, value: number): ReplaySeries => ({ series, value: () => value })

/** A healthy service with 10 requests a second, and the targets of its monitoring, so that no other alert fires. */
const HEALTHY_SERVICE: readonly ReplaySeries[] = [
  ...EXPECTED_TARGETS.map(labels => constant(select(EXPORTERS.up, labels), 1)),
  constant(select(EXPORTERS.up, SERVICE_LABELS), 1),
  constant(select(EXPORTERS.probeSuccess, PROBE_LABELS), 1),
  constant(select(EXPORTERS.probeDuration, PROBE_LABELS), 0.01),
  constant(requestsWith('200'), 10 * secondsOf(PROFILE.scrapeInterval)),
]

/** Seconds of the longest window of an error budget, and one hour more. */
const BUDGET_HISTORY_SECONDS =
  Math.max(...[...BURN_RATES.fast, ...BURN_RATES.slow].map(({ long }) => secondsOf(long))) + 3600

/**
 * Days with few requests and no failures. Then so many requests, of which a share fails, that they determine the ratio of
 * every window. Then still more requests without failures.
 */
function burningBudget(burnRate: number): ReplaySeries[] {
  const total = 100_000
  const failed = Math.round(burnRate * (1 - OBJECTIVES.availability.ratio) * total)
  const historyRate = 0.01
  const good = { steady: 1, incident: total - failed, recovery: 1000 * total }
  const bad = { steady: 0, incident: failed, recovery: 0 }
  return [
    {
      series: requestsWith('200'),
      value: phase => good[phase],
      history: ago => historyRate * (BUDGET_HISTORY_SECONDS - ago),
    },
    { series: requestsWith('503'), value: phase => bad[phase], history: () => 0 },
  ]
}

/** Available storage that falls for hours to just above the bound, then below the bound, then is freed. */
function fillingDisk(): ReplaySeries[] {
  const size = 1000
  const bound = BOUNDS.nodeStorageFilling * size
  const available: Record<ReplayPhase, number> = { steady: 1.02 * bound, incident: 0.98 * bound, recovery: 1.5 * bound }
  return [
    {
      series: select(EXPORTERS.nodeFilesystemAvailable, DISK_LABELS),
      value: phase => available[phase],
      history: ago => available.steady + (ago / 3600) * 0.1 * bound,
    },
    constant(select(EXPORTERS.nodeFilesystemSize, DISK_LABELS), size),
    constant(select(EXPORTERS.nodeFilesystemReadonly, DISK_LABELS), 0),
  ]
}

const [{ factor: fastest }, { factor: fast }] = BURN_RATES.fast
const [{ factor: slow }] = BURN_RATES.slow

const WITH_HISTORY: readonly Replay[] = [
  {
    alert: 'ErrorBudgetBurnFast',
    how: `days with few requests and no failures, then many requests at a burn rate of 40 (bounds: ${fastest} and ${fast})`,
    series: burningBudget(40), // 4 % fail, less than the bound of HighErrorRatio
    history: BUDGET_HISTORY_SECONDS,
  },
  {
    alert: 'ErrorBudgetBurnSlow',
    how: `days with few requests and no failures, then many requests at a burn rate of 5 (bounds: more than ${slow}, less than ${fast})`,
    series: burningBudget(5),
    history: BUDGET_HISTORY_SECONDS,
  },
  {
    alert: 'NodeStorageFillingUp',
    how: 'a disk fills at a constant rate for five hours, then the available storage is below the bound',
    series: fillingDisk(),
    history: 5 * 3600,
  },
]

/** Seconds to the delivery, where a window of the rule must fill first. */
const DELIVERED_SECONDS: Readonly<Record<string, number>> = { NodeCPUHigh: 90, NoTraffic: 60 }

/** The first incident of each alert in the unit tests, at the scrape interval of the drill profile. */
function fromUnitTests(): Replay[] {
  const byAlert = new Map(
    incidents(PROFILE)
      .toReversed()
      .map(incident => [incident.alert, incident]),
  )
  return [...byAlert.values()].map(incident => {
    const { alert, name } = incident
    const delivered = DELIVERED_SECONDS[alert]
    const how = `the incident of the unit tests: ${name}`
    return { alert, how, series: seriesOf(incident), ...(delivered !== undefined && { delivered }) }
  })
}

/** The replay of each alert, by alert, with the series of a healthy service. */
export function replays(): Map<string, Replay> {
  const all = [...fromUnitTests(), ...WITH_HISTORY].map(replay => {
    const own = new Set(replay.series.map(({ series }) => series))
    return { ...replay, series: [...HEALTHY_SERVICE.filter(({ series }) => !own.has(series)), ...replay.series] }
  })
  return new Map(all.map(replay => [replay.alert, replay]))
}

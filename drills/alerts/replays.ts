import { incidents } from '../../monitoring/incidents/incidents.ts'
import { DISK_LABELS, PROBE_LABELS, SERVICE_LABELS } from '../../monitoring/incidents/input-series.ts'
import { BOUNDS, BURN_RATES, OBJECTIVES } from '../../monitoring/objectives.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS } from '../../monitoring/targets.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { type Act, ofIncident, type Played } from './played.ts'
import type { Cause } from './proof.ts'

/** What is played to a Prometheus of its own, to prove an alert whose cause nobody wants to have. */
export interface Replay extends Pick<Cause, 'delivered' | 'resolved'> {
  readonly alert: string
  /** What is played, for people. */
  readonly how: string
  readonly played: readonly Played[]
  /** Seconds of what was before. */
  readonly history?: number
}

const { requests } = catalogue
const answered = (status: string) =>
  select(requests.name, { ...SERVICE_LABELS, [requests.labels.method]: 'GET', [requests.labels.status]: status })

const always = (series: string, value: number): Played => ({ series, value: () => value })

/** A service that is well, and asked ten times a second: nothing else may be told. */
const well: readonly Played[] = [
  always(select(EXPORTERS.up, SERVICE_LABELS), 1),
  always(select(EXPORTERS.probeSuccess, PROBE_LABELS), 1),
  always(select(EXPORTERS.probeDuration, PROBE_LABELS), 0.01),
  always(answered('200'), 10 * secondsOf(PROFILE.scrapeInterval)),
]

/** The longest window of an error budget, and a little more. */
const DAYS =
  Math.max(
    ...Object.values(BURN_RATES)
      .flat()
      .map(({ long }) => secondsOf(long)),
  ) + 3600

/**
 * Days of few requests, all good; then many of which a share fails, so that they decide every window; then so many good
 * ones that these do. The share is such that a budget burns so many times as fast as it lasts.
 */
function burning(times: number): Played[] {
  const many = 100_000
  const failed = Math.round(times * (1 - OBJECTIVES.availability.ratio) * many)
  const perSecond = 0.01
  const counts = (act: Act) => ({ rest: [1, 0], bad: [many - failed, failed], end: [1000 * many, 0] })[act]
  return [
    { series: answered('200'), value: act => counts(act)[0], history: ago => perSecond * (DAYS - ago) },
    { series: answered('503'), value: act => counts(act)[1], history: () => 0 },
  ]
}

const [{ factor: fastest }, { factor: fast }] = BURN_RATES.fast
const [{ factor: slow }] = BURN_RATES.slow

/** A disk that hours of writing have brought to where it counts, just not yet; then it does; then somebody tidies up. */
function filling(): Played[] {
  const size = 1000
  const at = BOUNDS.nodeStorageFilling * size
  const available = { rest: 1.02 * at, bad: 0.98 * at, end: 1.5 * at }
  return [
    {
      series: select(EXPORTERS.nodeFilesystemAvailable, DISK_LABELS),
      value: act => available[act],
      history: ago => available.rest + (ago / 3600) * 0.1 * at,
    },
    always(select(EXPORTERS.nodeFilesystemSize, DISK_LABELS), size),
    always(select(EXPORTERS.nodeFilesystemReadonly, DISK_LABELS), 0),
  ]
}

const special: readonly Replay[] = [
  {
    alert: 'ErrorBudgetBurnFast',
    how: `days of few good requests, then many, of which so many fail that the budget burns 40 times as fast as it lasts (the bounds are ${fastest} and ${fast})`,
    played: burning(40), // 4 % fail: less than what HighErrorRatio tells of
    history: DAYS,
  },
  {
    alert: 'ErrorBudgetBurnSlow',
    how: `the same, at a burn of 5: more than ${slow}, and less than the ${fast} of the fast one`,
    played: burning(5),
    history: DAYS,
  },
  {
    alert: 'NodeStorageFillingUp',
    how: 'five hours in which a disk fills up at a steady pace, then less than the bound is available',
    played: filling(),
    history: 5 * 3600,
  },
]

/** What the unit tests have of an alert, played to a real Prometheus at a drill's pace. */
const ofTests = (): Replay[] =>
  [...Map.groupBy(incidents(PROFILE), ({ alert }) => alert).values()].map(([incident]) => ({
    alert: incident?.alert ?? '',
    how: `the incident of the unit tests: ${incident?.name}`,
    played: incident === undefined ? [] : ofIncident(incident),
    ...(incident?.alert === 'NodeCPUHigh' && { delivered: 90 }), // most of a window must be busy, and then it must last
    ...(incident?.alert === 'NoTraffic' && { delivered: 60 }), // nobody is only seen after a whole window
  }))

/** The replay of each alert, by its name, beside a service that is well. */
export function replays(): Map<string, Replay> {
  const all = [...ofTests(), ...special].map(replay => {
    const own = new Set(replay.played.map(({ series }) => series))
    return { ...replay, played: [...well.filter(({ series }) => !own.has(series)), ...replay.played] }
  })
  return new Map(all.map(replay => [replay.alert, replay]))
}

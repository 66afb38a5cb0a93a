import type { Duration, Profile } from '../profiles.ts'
import type { InputSeries } from './input-series.ts'
import { nodeBounds, nodeIncidents, nodeSilences } from './node-incidents.ts'
import { pipelineIncidents, pipelineSilences } from './pipeline-incidents.ts'
import { serviceBounds, serviceIncidents, serviceSilences } from './service-incidents.ts'
import { workloadBounds, workloadIncidents, workloadSilences } from './workload-incidents.ts'

/** Series during which an alert never fires. */
export interface Silence {
  readonly alert: string
  readonly name: string
  readonly input: readonly InputSeries[]
  /** Interval between two scrapes; default: the profile's. Predictions take hours. */
  readonly interval?: Duration
}

/** Series during which an alert fires once and clears. */
export interface Incident extends Silence {
  readonly labels: Readonly<Record<string, string>>
  /**
   * The scrapes at which the alert first fires and has first cleared. They are calculated by hand from `for` and the
   * window, which has 20 scrapes and so 19 increases; in a drill 6 and 5.
   */
  readonly firing: Readonly<Record<Profile['name'], readonly [fires: number, clears: number]>>
  /** The description at the first evaluation at which the alert fires. */
  readonly description: string
}

/** Series with which an alert just does not fire (`inside`) and just fires (`outside`), for the whole test. */
export interface BoundCase {
  readonly alert: string
  readonly inside: readonly InputSeries[]
  readonly outside: readonly InputSeries[]
}

export const incidents = (profile: Profile): Incident[] => [
  ...serviceIncidents(profile),
  ...nodeIncidents(profile),
  ...workloadIncidents(profile),
  ...pipelineIncidents(profile),
]

export const boundCases = (profile: Profile): BoundCase[] => [
  ...serviceBounds,
  ...nodeBounds(profile),
  ...workloadBounds,
]

export const silences: readonly Silence[] = [
  ...serviceSilences,
  ...nodeSilences,
  ...workloadSilences,
  ...pipelineSilences,
]

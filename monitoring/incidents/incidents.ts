import { OWN } from '../own-monitoring.ts'
import type { Duration, Profile } from '../profiles.ts'
import { type InputSeries, type Labels, replacedExporters } from './input-series.ts'
import { nodeCases } from './node-incidents.ts'
import { pipelineCases } from './pipeline-incidents.ts'
import { serviceCases } from './service-incidents.ts'
import { workloadCases } from './workload-incidents.ts'

/** Series during which an alert fires once and clears. */
interface Firing {
  readonly input: readonly InputSeries[]
  /**
   * The scrapes at which the alert first fires and has first cleared. They are calculated by hand from `for` and the
   * window, which has 20 scrapes and so 19 increases; in a drill 6 and 5.
   */
  readonly firing: Readonly<Record<Profile['name'], readonly [fires: number, clears: number]>>
  /** Labels of the alert that fires, without those that the rule sets. Default: those of the {@link AlertCases}. */
  readonly labels?: Labels
  /** The value in the description when the alert begins to fire. Default: that of the {@link AlertCases}. */
  readonly value?: string
}

/** What the unit tests of an alert play. */
export interface AlertCases extends Pick<Firing, 'labels' | 'value'> {
  readonly alert: string
  /** Interval between two scrapes; default: the profile's. Predictions take hours. */
  readonly interval?: Duration
  readonly incidents?: Readonly<Record<string, Firing>>
  /** The label in which pods of the exporter differ. Each incident is also played while the pods are replaced. */
  readonly exporterLabel?: 'pod' | 'instance'
  /** Series with which the alert just does not fire, and just fires, for the whole test. */
  readonly bounds?: readonly (readonly [inside: readonly InputSeries[], outside: readonly InputSeries[]])[]
  /** Series during which the alert never fires. */
  readonly silences?: Readonly<Record<string, readonly InputSeries[]>>
}

/** An incident of {@link AlertCases}. */
export interface Incident extends Firing, Pick<AlertCases, 'alert' | 'interval'> {
  readonly name: string
}

/** The cases of all alerts but Watchdog; an alert may have several entries. */
export const alertCases = (profile: Profile): AlertCases[] =>
  [serviceCases, nodeCases, workloadCases, pipelineCases, OWN.cases ?? []].flat().flatMap(cases => cases(profile))

/** The incidents of all alerts. */
export const incidents = (profile: Profile): Incident[] => alertCases(profile).flatMap(incidentsOf)

/** The incidents of an alert, each also while the pods of its exporter are replaced, if it has one. */
export const incidentsOf = ({ incidents = {}, exporterLabel, bounds, silences, ...common }: AlertCases): Incident[] =>
  Object.entries(incidents).flatMap(([name, firing]) => {
    const incident = { ...common, ...firing, name }
    if (exporterLabel === undefined) return [incident]
    const input = replacedExporters(firing.input, exporterLabel)
    return [incident, { ...incident, name: `${name}, while the exporter's pods are replaced`, input }]
  })

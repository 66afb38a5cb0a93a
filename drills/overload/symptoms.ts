import { BOUNDS } from '../../monitoring/objectives.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { recorded } from '../../monitoring/rules/service-rules.ts'
import { EXPORTERS, JOBS } from '../../monitoring/targets.ts'
import type { Symptom } from '../alerts/alert-timelines.ts'

/**
 * The alerts that the overload must raise, with the series that make each true. Not ServiceUnresponsive with an autoscaler, which
 * may add replicas before the `for` of this alert has passed.
 */
export function symptomsOf(profile: Profile, autoscaled: boolean): ReadonlyMap<string, readonly Symptom[]> {
  const probe = { job: JOBS.probe }
  const unresponsive: Symptom[] = [
    { selector: select(EXPORTERS.probeSuccess, probe), isBad: value => value === 0 },
    { selector: select(EXPORTERS.probeDuration, probe), isBad: value => value > BOUNDS.probeDuration },
    { selector: select(EXPORTERS.up, { job: JOBS.service }), isBad: value => value === 0 },
  ]
  const late: Symptom[] = [{ selector: recorded(profile).latency(95), isBad: value => value > BOUNDS.latency }]
  return new Map([...(autoscaled ? [] : [['ServiceUnresponsive', unresponsive] as const]), ['HighLatency', late]])
}

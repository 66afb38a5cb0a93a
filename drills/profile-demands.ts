import { UserError } from '../lib/user-error.ts'
import type { Profile } from '../monitoring/profiles.ts'
import { deliveryBounds } from './overload/bounds.ts'

/** Seconds of the steps of the overload drill that do not wait for alerts: capacity, start, steady state, scaled load. */
const DRILL_SECONDS = 120

const ADVICE = 'install the profile drill: make monitoring PROFILE=drill'

/**
 * A line that says how long the overload drill takes with a profile other than `drill`; undefined with `drill`. Throws a
 * {@link UserError} when the profile cannot serve the drill.
 */
export function overloadDuration(profile: Profile, autoscaled: boolean): string | undefined {
  if (profile.name === 'drill') return undefined
  const { delivered, resolved } = deliveryBounds(profile)
  if (autoscaled)
    throw new UserError(
      `the monitoring has the profile ${profile.name}, in which HighLatency is delivered ${delivered} s after an overload, and the ` +
        `autoscaler ends the overload before; ${ADVICE}`,
    )
  const minutes = Math.ceil((DRILL_SECONDS + delivered + resolved) / 60)
  return (
    `the monitoring has the profile ${profile.name}: alerts are delivered within ${delivered} s, and resolved within ${resolved} s, ` +
    `so that this drill takes about ${minutes} minutes, and longer if measuring the capacity raises an alert`
  )
}

/** Throws a {@link UserError} when the faults of the alerts' drills would end before the alerts of a profile fire. */
export function demandDrillProfile({ name }: Profile): void {
  if (name !== 'drill')
    throw new UserError(
      `the monitoring has the profile ${name}, in which some alerts fire only after ten minutes, longer than their faults last; ${ADVICE}`,
    )
}

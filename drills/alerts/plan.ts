import { UserError } from '../../lib/user-error.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { Staged } from './causes/causes.ts'
import { CLUSTER_CAUSES } from './causes/kubernetes.ts'
import { LOCAL_CAUSES } from './causes/local.ts'

/** Every alert, in the order of the rules. */
const NAMES = alerts(PROFILE).map(({ name }) => name)

/** How many are drilled each day. */
const A_DAY = 3

/**
 * The alerts that a drill's name stands for: `all`, `daily` (three in turn, by the day of the year), or one alert's own.
 * Throws a {@link UserError} that has every name for one that is none.
 * @param day days since the year began
 */
export function alertsOf(drill: string, day: number): string[] {
  if (drill === 'all') return NAMES
  if (drill === 'daily')
    return Array.from({ length: A_DAY }, (_, i) => NAMES[(A_DAY * day + i) % NAMES.length] as string)
  if (NAMES.includes(drill)) return [drill]
  throw new UserError(
    `DRILL: "${drill}" is not accepted; it takes overload, autoscale, all, daily, or an alert: ${NAMES.join(', ')}`,
  )
}

/** Days since the year began, in UTC. */
export function dayOfYear(now = new Date()): number {
  return Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000)
}

/** What can be brought about on each platform. */
export const CAUSES: Readonly<Record<Platform['name'], readonly Staged[]>> = {
  local: LOCAL_CAUSES,
  kubernetes: CLUSTER_CAUSES,
}

/** Whether an alert is drilled on a platform; one that is not is replayed. */
export const isDrilledOn = (platform: Platform['name'], alert: string) =>
  alert === 'Watchdog' || CAUSES[platform].some(cause => cause.alert === alert)

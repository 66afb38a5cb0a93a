import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { UserError } from '../../lib/user-error.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { StackCause } from './causes/cause-helpers.ts'
import { CLUSTER_CAUSES } from './causes/cluster-causes.ts'
import { LOCAL_CAUSES } from './causes/local-causes.ts'

/** Every alert, in the order of the rules. */
const NAMES = alerts(PROFILE).map(({ name }) => name)

const ALERTS_PER_DAY = 3

/**
 * The alerts of a drill: `all`; `daily`, which takes the next three alerts each day; or the name of one alert.
 * Throws a {@link UserError} with all accepted names for another name.
 * @param day days since the year began
 */
export function alertsOf(drill: string, day: number): string[] {
  if (drill === 'all') return NAMES
  if (drill === 'daily')
    return Array.from({ length: ALERTS_PER_DAY }, (_, i) => NAMES[(ALERTS_PER_DAY * day + i) % NAMES.length] as string)
  if (NAMES.includes(drill)) return [drill]
  throw new UserError(
    `DRILL: "${drill}" is not accepted; it takes overload, autoscale, all, daily, or an alert: ${NAMES.join(', ')}`,
  )
}

/** Days since the year began, in UTC. */
export function dayOfYear(now = new Date()): number {
  return Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000)
}

/** The own causes of the service that commands act on. */
const own: readonly StackCause[] =
  SERVICE_CONFIG.causes === undefined ? [] : require(join(import.meta.dir, '../..', SERVICE_CONFIG.causes)).OWN_CAUSES

/** The first cause of an alert is the one that is inflicted. */
export const CAUSES: Readonly<Record<Platform['name'], readonly StackCause[]>> = {
  local: [...own, ...LOCAL_CAUSES],
  kubernetes: CLUSTER_CAUSES,
}

/** Whether the alert is drilled on the stack of the platform. All other alerts are replayed. */
export const isDrilledOn = (platform: Platform['name'], alert: string) =>
  alert === 'Watchdog' || CAUSES[platform].some(cause => cause.alert === alert)

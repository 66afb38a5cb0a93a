import { UserError } from '../../../lib/user-error.ts'
import { PROFILES, type Profile } from '../../../monitoring/profiles.ts'
import type { Cluster } from '../cluster/cluster.ts'

/**
 * The profile of a Prometheus that runs, by the intervals in its configuration. Throws a {@link UserError} when no profile of this
 * project has these intervals.
 */
export async function readProfile(origin: string, { context, local }: Cluster): Promise<Profile> {
  const response = await fetch(`${origin}/api/v1/status/config`, { signal: AbortSignal.timeout(10_000) })
  const { data } = (await response.json()) as { data: { yaml: string } }
  const { global } = Bun.YAML.parse(data.yaml) as { global: Record<'scrape_interval' | 'evaluation_interval', string> }
  const found = PROFILES.find(
    ({ scrapeInterval, evaluationInterval }) =>
      scrapeInterval === global.scrape_interval && evaluationInterval === global.evaluation_interval,
  )
  if (found !== undefined) return found
  throw new UserError(
    `the Prometheus of ${context} scrapes every ${global.scrape_interval}, and no profile of this project does, so its alerts ` +
      `are not those of the drills; install ours: make monitoring PROFILE=drill${local ? '' : ` KUBE_CONTEXT=${context}`}`,
  )
}

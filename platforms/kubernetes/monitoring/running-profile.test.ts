import { afterEach, expect, test } from 'bun:test'
import { UserError } from '../../../lib/user-error.ts'
import { PROFILES } from '../../../monitoring/profiles.ts'
import { clusterOf } from '../../../test/kubectl.ts'
import { readProfile } from './running-profile.ts'

let stop = () => {}
afterEach(() => stop())

/** Origin of a Prometheus with these intervals, whose configuration is written as Prometheus writes it. */
function prometheus(scrape: string, evaluation: string): string {
  const yaml = `global:\n  scrape_interval: ${scrape}\n  scrape_timeout: 4s\n  evaluation_interval: ${evaluation}\nrule_files: []\n`
  const routes = { '/api/v1/status/config': () => Response.json({ status: 'success', data: { yaml } }) }
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', routes })
  stop = () => void server.stop(true)
  return server.url.origin
}

const { cluster } = clusterOf()

test.each(PROFILES.map(profile => [profile.name, profile] as const))(
  '%s is found by its intervals',
  async (_, profile) => {
    const { scrapeInterval, evaluationInterval } = profile
    expect(await readProfile(prometheus(scrapeInterval, evaluationInterval), cluster)).toBe(profile)
  },
)

test('other intervals are refused, with what to do', async () => {
  const remote = { ...cluster, context: 'gke_p_z_c', local: false }
  await expect(readProfile(prometheus('30s', '15s'), remote)).rejects.toThrow(
    new UserError(
      'the Prometheus of gke_p_z_c scrapes every 30s, and no profile of this project does, so its alerts are not those of the ' +
        'drills; install ours: make monitoring PROFILE=drill KUBE_CONTEXT=gke_p_z_c',
    ),
  )
})

import { evaluate, faultsOf } from '../../drills/dashboards/evaluate.ts'
import { evaluationTable } from '../../drills/dashboards/evaluation-table.ts'
import { dashboardsOf, findGrafana, throughGrafana } from '../../drills/dashboards/grafana-client.ts'
import { poll } from '../../lib/poll.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { UserError } from '../../lib/user-error.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { type Profile, secondsOf } from '../../monitoring/profiles.ts'
import { EXPORTERS } from '../../monitoring/targets.ts'
import type { CommandLine } from '../command.ts'
import { onPlatform } from '../open-platform.ts'

/** Waits until each target was scraped three times, at most for the window of rates: just after the start, rates have no answer. */
async function untilScraped(prometheus: PrometheusClient, { window }: Profile, signal: AbortSignal): Promise<void> {
  const scraped = `min(count_over_time(${EXPORTERS.up}[${window}])) >= 3`
  const isScraped = async () => (await prometheus.instant(scraped)).length > 0
  await poll(isScraped, { timeoutSeconds: secondsOf(window), intervalSeconds: 1, signal })
}

export const command: CommandLine = {
  summary: 'Run every query of every dashboard on the Prometheus that is up, and print the answers',
  details: `The queries are of the last quarter of an hour; those of k6 are run if it sent load in that time.
Where a Grafana answers, its own dashboards are read, and its data source is queried.
Exit code 0 only if no query fails, none is empty, and every value fits its unit.`,
  run: (_, signal) =>
    onPlatform(async (platform, progress) => {
      const status = await platform.status()
      if (!status?.monitoring) throw new UserError('no stack with monitoring is up; start one: make up, then make load')
      const grafana = await findGrafana(process.env.GRAFANA_URL || (await platform.links()).grafana || '')
      if (grafana === undefined && process.env.GRAFANA_URL)
        throw new UserError('GRAFANA_URL: no Grafana answers there, or it refuses the user and password')
      progress.say(
        grafana ? `querying through Grafana at ${grafana.origin}` : 'no Grafana answers: querying Prometheus',
      )
      const uids = [...dashboards.values()].map(({ uid }) => uid as string)
      const shown = grafana ? await dashboardsOf(grafana, uids) : dashboards.values()
      const origin = grafana ? async () => throughGrafana(grafana) : () => platform.prometheus()
      const prometheus = new PrometheusClient(origin, grafana?.headers)
      const profile = await platform.profile()
      await untilScraped(prometheus, profile, signal)
      const evaluated = await evaluate(shown, prometheus, platform.name, profile, Date.now() / 1000, signal)
      console.log(evaluationTable(evaluated, platform.name))
      return faultsOf(evaluated).length === 0 ? 0 : 1
    }),
}

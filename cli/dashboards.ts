import { parseArgs } from 'node:util'
import { evaluate, faultsOf } from '../drills/dashboards/evaluate.ts'
import { dashboardsOf, findGrafana, throughGrafana } from '../drills/dashboards/grafana.ts'
import { evaluationTable } from '../drills/dashboards/table.ts'
import { PrometheusClient } from '../lib/prometheus.ts'
import { UserError } from '../lib/user-error.ts'
import { dashboards } from '../monitoring/dashboards/index.ts'
import { choosePlatform } from '../platforms/choose.ts'
import { PROFILE } from '../platforms/local/specs.ts'
import { runCommand } from './run-command.ts'

const HELP = `bun cli/dashboards.ts: asks the Prometheus of the stack that is up for every query of every panel, and prints what it
answers; exit code 0 only if none is empty, none an error, and every value fits its unit. What it shows is of the last quarter
of an hour: load it, or run a drill, just before. Where a Grafana answers, its own dashboards are taken, and asked for through it.
By environment: PLATFORM, GRAFANA_URL (such as http://admin:PASSWORD@127.0.0.1:3001, after make forward) and the ports (see: make up HELP=1).
`

async function main(signal: AbortSignal): Promise<number> {
  if (parseArgs({ options: { help: { type: 'boolean' } } }).values.help) {
    console.log(HELP)
    return 0
  }
  const platform = await choosePlatform(process.env, line => console.error(line))
  const status = await platform.status()
  if (!status?.monitoring) throw new UserError('no stack is up that is watched: make up, make load, and again')
  const grafana = await findGrafana(process.env.GRAFANA_URL || (await platform.links()).grafana || '')
  if (grafana === undefined && process.env.GRAFANA_URL)
    throw new UserError('GRAFANA_URL: no Grafana answers there, or it does not let you in')
  console.error(
    grafana ? `asking through Grafana at ${grafana.origin}` : 'no Grafana answers: asking Prometheus itself',
  )
  const uids = [...dashboards.values()].map(({ uid }) => uid as string)
  const shown = grafana ? await dashboardsOf(grafana, uids) : dashboards.values()
  const origin = grafana ? async () => throughGrafana(grafana) : () => platform.prometheus()
  const prometheus = new PrometheusClient(origin, grafana?.headers)
  const evaluated = await evaluate(shown, prometheus, platform.name, PROFILE, Date.now() / 1000, signal)
  console.log(evaluationTable(evaluated, platform.name))
  return faultsOf(evaluated).length === 0 ? 0 : 1
}

await runCommand(main)

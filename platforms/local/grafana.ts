import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DASHBOARDS } from '../../monitoring/rule.ts'
import type { Settings } from './settings.ts'
import type { Spec } from './supervised.ts'

const HELM = join(import.meta.dir, '../../helm')

/** Its name among the parts of the stack. It only shows, so nothing else fails with it. */
export const GRAFANA = 'grafana'

/** Where its packages put it. */
const PACKAGED = '/usr/share/grafana'

/** What Grafana's values for Helm say, as far as it holds without a cluster, too. */
interface Values {
  readonly datasources: { readonly 'datasources.yaml': { readonly datasources: readonly { readonly uid: string }[] } }
  readonly 'grafana.ini': Readonly<Record<string, Readonly<Record<string, string | boolean>>>>
}

/** Where its page of this service is. */
export const grafanaLink = ({ ports }: Settings) => `http://127.0.0.1:${ports.GRAFANA_PORT}/d/${DASHBOARDS.overview}`

/**
 * The folder of the Grafana that is on PATH, with its defaults and pages; undefined where there is none. The file on PATH
 * may be a link or a packaged script, so the folder is what has `conf/defaults.ini`.
 */
export function grafanaHome(path: string | undefined): string | undefined {
  const program = Bun.which('grafana', { PATH: path ?? '' })
  if (program === null) return undefined
  const candidates = [process.env.GF_PATHS_HOME ?? '', dirname(dirname(realpathSync(program))), PACKAGED]
  return candidates.find(home => existsSync(join(home, 'conf/defaults.ini')) && existsSync(join(home, 'bin/grafana')))
}

/** How to run Grafana, with the data sources, the dashboards and the settings that it has on a cluster. */
export function grafanaSpec(settings: Settings, home: string): Spec {
  const { folder, ports } = settings
  const at = (port: number) => `http://127.0.0.1:${port}`
  const urls: Readonly<Record<string, string>> = {
    prometheus: at(ports.PROMETHEUS_PORT),
    alertmanager: at(ports.ALERTMANAGER_PORT),
  }
  const values = Bun.YAML.parse(readFileSync(join(HELM, 'grafana.yaml'), 'utf8')) as Values
  const provision = (kind: string, content: object) => {
    mkdirSync(join(folder, 'grafana', kind), { recursive: true })
    writeFileSync(join(folder, 'grafana', kind, `${kind}.yaml`), JSON.stringify({ apiVersion: 1, ...content }, null, 2))
  }
  const sources = values.datasources['datasources.yaml'].datasources
  provision('datasources', { datasources: sources.map(source => ({ ...source, url: urls[source.uid] })) })
  const options = { path: join(HELM, 'generated/dashboards') }
  provision('dashboards', { providers: [{ name: 'tipping-point', type: 'file', options }] })

  return {
    name: GRAFANA,
    command: [join(home, 'bin/grafana'), 'server', `--homepath=${home}`],
    env: {
      ...variablesOf(values['grafana.ini']),
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: `${ports.GRAFANA_PORT}`,
      GF_PATHS_DATA: join(folder, 'data', GRAFANA),
      GF_PATHS_LOGS: join(folder, 'logs'),
      GF_PATHS_PROVISIONING: join(folder, 'grafana'),
      // to look needs no password: nobody but this machine reaches it
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    },
    log: join(folder, 'logs', `${GRAFANA}.log`),
    health: `${at(ports.GRAFANA_PORT)}/api/health`,
  }
}

/** Settings of `grafana.ini` as variables of the environment. */
const variablesOf = (settings: Values['grafana.ini']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, value]) => [`GF_${section}_${key}`.toUpperCase(), `${value}`]),
    ),
  )

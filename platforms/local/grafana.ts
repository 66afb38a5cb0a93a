import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DASHBOARDS } from '../../monitoring/rule.ts'
import { treeFolder } from '../../tools/install.ts'
import { cacheFolder } from '../../tools/options.ts'
import { GRAFANA as ARCHIVE } from '../../tools/programs.ts'
import { demandFree, type Settings } from './settings.ts'
import { type Spec, Supervised } from './supervised.ts'

const HELM = join(import.meta.dir, '../../helm')

/** Its name among the parts of the stack. It only shows, so nothing else fails with it. */
export const GRAFANA = 'grafana'

/** Where its packages put it, and the plugins that come with it. */
const PACKAGED = { home: '/usr/share/grafana', plugins: '/var/lib/grafana/plugins-bundled' }

/** Seconds for it to be healthy: at its first start, which each is here, it makes a database of some hundred tables. */
const START_TIMEOUT = 120

/** What Grafana's values for Helm say, as far as it holds without a cluster, too. */
interface Values {
  readonly datasources: { readonly 'datasources.yaml': { readonly datasources: readonly { readonly uid: string }[] } }
  readonly 'grafana.ini': Readonly<Record<string, Readonly<Record<string, string | boolean>>>>
}

/** Where its page of this service is. */
export const grafanaLink = ({ ports }: Settings) => `http://127.0.0.1:${ports.GRAFANA_PORT}/d/${DASHBOARDS.overview}`

/**
 * The folder of Grafana, with its defaults and pages: the one that make grafana has put into the cache, else that of the one on
 * PATH; undefined where there is none. The cache comes first, because nothing else tells which version is on PATH. The file
 * on PATH may be a link or a packaged script, so its folder is what has `conf/defaults.ini`.
 */
export function grafanaHome(env: NodeJS.Dict<string>): string | undefined {
  const candidates = [treeFolder(ARCHIVE, cacheFolder(env))]
  const program = Bun.which('grafana', { PATH: env.PATH ?? '' })
  if (program !== null) candidates.push(env.GF_PATHS_HOME ?? '', dirname(dirname(realpathSync(program))), PACKAGED.home)
  return candidates.find(home => existsSync(join(home, 'conf/defaults.ini')) && existsSync(join(home, 'bin/grafana')))
}

/** Starts Grafana and waits until it is healthy. Where it cannot, returns one line that says why and what to do. */
export async function startGrafana(settings: Settings, env: NodeJS.Dict<string>): Promise<Supervised | string> {
  const home = grafanaHome(env)
  if (home === undefined)
    return `without Grafana: "make grafana" puts it into the cache (${ARCHIVE.downloadMegabytes} MB to download); then: make down up`
  try {
    demandFree(settings, ['GRAFANA_PORT'])
    const grafana = new Supervised(grafanaSpec(settings, home))
    await grafana.start()
    return grafana
  } catch (error) {
    return `without Grafana: ${(error as Error).message}`
  }
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

  // Grafana 13.2 has the Prometheus data source as a plugin beside itself, and looks for it in the archive's place only,
  // unless this is set. Older versions do not know the setting.
  const plugins = [join(home, 'data/plugins-bundled'), PACKAGED.plugins].find(folder => existsSync(folder))

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
      ...(plugins !== undefined && { GF_PATHS_BUNDLED_PLUGINS: plugins }),
      // to look needs no password: nobody but this machine reaches it
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    },
    log: join(folder, 'logs', `${GRAFANA}.log`),
    // /api/health says nothing of the data source. This asks Prometheus; a viewer may ask, and an error is a 400.
    health: `${at(ports.GRAFANA_PORT)}/api/datasources/uid/prometheus/health`,
    startTimeoutSeconds: START_TIMEOUT,
  }
}

/** Settings of `grafana.ini` as variables of the environment. */
const variablesOf = (settings: Values['grafana.ini']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, value]) => [`GF_${section}_${key}`.toUpperCase(), `${value}`]),
    ),
  )

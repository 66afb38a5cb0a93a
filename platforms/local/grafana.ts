import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { dataSources } from '../../monitoring/data-sources.ts'
import { DASHBOARDS } from '../../monitoring/rule.ts'
import { treeFolder } from '../../tools/install.ts'
import { cacheFolder } from '../../tools/install-options.ts'
import { GRAFANA as ARCHIVE } from '../../tools/programs.ts'
import { demandFree, type LocalSettings } from './local-settings.ts'
import { PROFILE } from './specs.ts'
import { type ProcessSpec, SupervisedProcess } from './supervised-process.ts'

const HELM = join(import.meta.dir, '../../helm')

/** Name of Grafana in the status of the stack. */
export const GRAFANA = 'grafana'

/** Where Linux packages of Grafana put Grafana and its plugins. */
const PACKAGED = { home: '/usr/share/grafana', plugins: '/var/lib/grafana/plugins-bundled' }

/** Each start is a first start, at which Grafana creates a database of some hundred tables. */
const START_TIMEOUT_SECONDS = 120

/** The parts of Grafana's Helm values that also apply without a cluster. */
interface Values {
  readonly 'grafana.ini': Readonly<Record<string, Readonly<Record<string, string | boolean>>>>
}

/** URL of the overview dashboard. */
export const grafanaLink = ({ ports }: LocalSettings) =>
  `http://127.0.0.1:${ports.GRAFANA_PORT}/d/${DASHBOARDS.overview}`

/**
 * The folder of Grafana: from the cache (make grafana), else from PATH; undefined if Grafana is not installed. The cache comes
 * first, because its version is known. The file on PATH may be a link or a packaged script, so the folder must have
 * `conf/defaults.ini`.
 */
export function grafanaHome(env: NodeJS.Dict<string>): string | undefined {
  const candidates = [treeFolder(ARCHIVE, cacheFolder(env))]
  const program = Bun.which('grafana', { PATH: env.PATH ?? '' })
  if (program !== null) candidates.push(env.GF_PATHS_HOME ?? '', dirname(dirname(realpathSync(program))), PACKAGED.home)
  return candidates.find(home => existsSync(join(home, 'conf/defaults.ini')) && existsSync(join(home, 'bin/grafana')))
}

/** Starts Grafana and waits until Grafana is healthy; else returns one line that says why not and what to do. */
export async function startGrafana(
  settings: LocalSettings,
  env: NodeJS.Dict<string>,
): Promise<SupervisedProcess | string> {
  const home = grafanaHome(env)
  if (home === undefined)
    return `without Grafana: "make grafana" downloads it (${ARCHIVE.downloadMegabytes} MB); then run "make down up"`
  try {
    demandFree(settings, ['GRAFANA_PORT'])
    const grafana = new SupervisedProcess(grafanaSpec(settings, home), START_TIMEOUT_SECONDS)
    await grafana.start()
    return grafana
  } catch (error) {
    return `without Grafana: ${(error as Error).message}`
  }
}

/** How to run Grafana with the data sources, dashboards and settings that Grafana has on a cluster. */
export function grafanaSpec(settings: LocalSettings, home: string): ProcessSpec {
  const { folder, ports } = settings
  const at = (port: number) => `http://127.0.0.1:${port}`
  const urls = { prometheus: at(ports.PROMETHEUS_PORT), alertmanager: at(ports.ALERTMANAGER_PORT) }
  const values = Bun.YAML.parse(readFileSync(join(HELM, 'grafana.yaml'), 'utf8')) as Values
  const provision = (kind: string, content: object) => {
    mkdirSync(join(folder, 'grafana', kind), { recursive: true })
    writeFileSync(join(folder, 'grafana', kind, `${kind}.yaml`), JSON.stringify({ apiVersion: 1, ...content }, null, 2))
  }
  provision('datasources', { datasources: dataSources(PROFILE, urls) })
  // Those of the chosen service: helm/generated has those of this repository's service only.
  const options = { path: join(folder, 'grafana', 'json') }
  mkdirSync(options.path, { recursive: true })
  for (const dashboard of dashboards.values())
    writeFileSync(join(options.path, `${dashboard.uid}.json`), JSON.stringify(dashboard))
  provision('dashboards', { providers: [{ name: SERVICE_CONFIG.name, type: 'file', options }] })

  // Grafana 13.2 has the Prometheus data source as a bundled plugin, and looks for plugins in the archive's folder only, unless
  // this is set. Older versions ignore the setting.
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
      // no password: Grafana listens on this machine only
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    },
    log: join(folder, 'logs', `${GRAFANA}.log`),
    // /api/health does not check the data source. This URL asks Prometheus; a viewer may ask; an error is a 400.
    health: `${at(ports.GRAFANA_PORT)}/api/datasources/uid/prometheus/health`,
  }
}

/** Settings of `grafana.ini` as environment variables. */
const variablesOf = (settings: Values['grafana.ini']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([section, keys]) =>
      Object.entries(keys).map(([key, value]) => [`GF_${section}_${key}`.toUpperCase(), `${value}`]),
    ),
  )

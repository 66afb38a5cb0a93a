// A Grafana that stands for the real one: it reads what it was given, as the real one does, and serves it.
import { afterAll, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dashboards } from '../../monitoring/dashboards/index.ts'
import { grafanaHome, grafanaLink, grafanaSpec } from './grafana.ts'
import { readSettings } from './settings.ts'
import { Supervised } from './supervised.ts'

const folder = mkdtempSync(join(tmpdir(), 'grafana-'))
const home = join(folder, 'opt')
const bin = join(folder, 'bin')

const SERVER = `#!${process.execPath}
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
const { GF_SERVER_HTTP_ADDR: hostname, GF_SERVER_HTTP_PORT: port, GF_PATHS_PROVISIONING: folder } = process.env
const read = kind => Bun.YAML.parse(readFileSync(join(folder, kind, kind + '.yaml'), 'utf8'))
const [provider] = read('dashboards').providers
const files = readdirSync(provider.options.path).filter(file => file.endsWith('.json')) // as the real one does
const uids = files.map(file => JSON.parse(readFileSync(join(provider.options.path, file))).uid)
const told = { args: process.argv.slice(2), datasources: read('datasources').datasources, uids, env: process.env }
Bun.serve({ hostname, port: Number(port), fetch: () => Response.json(told) })
`
for (const path of [join(home, 'conf'), join(home, 'bin'), bin]) mkdirSync(path, { recursive: true })
writeFileSync(join(home, 'conf/defaults.ini'), '')
writeFileSync(join(home, 'bin/grafana'), SERVER)
chmodSync(join(home, 'bin/grafana'), 0o755)
symlinkSync(join(home, 'bin/grafana'), join(bin, 'grafana'))

const settings = readSettings({ STACK_DIR: folder, GRAFANA_PORT: '26001', PROMETHEUS_PORT: '26002' })
mkdirSync(join(settings.folder, 'logs'), { recursive: true })
/** What the server above answers. */
interface Told {
  readonly args: string[]
  readonly datasources: object[]
  readonly uids: string[]
  readonly env: Record<string, string>
}

let running: Supervised | undefined
afterAll(() => running?.stop())

test('where none is on PATH, there is none; a link on PATH leads to its folder', () => {
  expect(grafanaHome('/nowhere')).toBeUndefined()
  expect(grafanaHome(bin)).toBe(home)
})

test('it runs with the data sources, dashboards and settings of helm/, and only this machine reaches it', async () => {
  running = new Supervised(grafanaSpec(settings, grafanaHome(bin) as string))
  await running.start()
  expect(grafanaLink(settings)).toBe('http://127.0.0.1:26001/d/tipping-point-overview')
  const told = (await (await fetch('http://127.0.0.1:26001/api/health')).json()) as Told
  expect(told.args).toEqual(['server', `--homepath=${home}`])
  expect(told.datasources).toMatchObject([
    { uid: 'prometheus', type: 'prometheus', url: 'http://127.0.0.1:26002', isDefault: true },
    { uid: 'alertmanager', type: 'alertmanager', url: 'http://127.0.0.1:9093' },
  ])
  expect(told.uids.sort()).toEqual([...dashboards.values()].map(({ uid }) => uid as string).sort())
  expect(told.env).toMatchObject({
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
  })
})

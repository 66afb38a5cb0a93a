// A Grafana that stands for the real one: it reads what it was given, as the real one does, and serves it. It comes from an
// archive that a server on this machine has, as the real one comes from its own.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { CACHE_VARIABLE } from '../../service.config.ts'
import { ensureTree } from '../../tools/install.ts'
import { GRAFANA as ARCHIVE } from '../../tools/programs.ts'
import { grafanaHome, grafanaLink, grafanaSpec, startGrafana } from './grafana.ts'
import { readLocalSettings } from './local-settings.ts'
import { SupervisedProcess } from './supervised-process.ts'

const NAME = SERVICE_CONFIG.name

setDefaultTimeout(60_000) // for processes and sockets on a machine that is busy

/** Serves what it was given at /told. A data source is healthy where its address answers, as with the real one. */
const SERVER = `#!${process.execPath}
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
const { GF_SERVER_HTTP_ADDR: hostname, GF_SERVER_HTTP_PORT: port, GF_PATHS_PROVISIONING: folder } = process.env
const read = kind => Bun.YAML.parse(readFileSync(join(folder, kind, kind + '.yaml'), 'utf8'))
const [provider] = read('dashboards').providers
const files = readdirSync(provider.options.path).filter(file => file.endsWith('.json')) // as the real one does
const uids = files.map(file => JSON.parse(readFileSync(join(provider.options.path, file))).uid)
const { datasources } = read('datasources')
const told = { args: process.argv.slice(2), datasources, uids, env: process.env }
Bun.serve({
  hostname,
  port: Number(port),
  routes: {
    '/told': () => Response.json(told),
    '/api/health': () => Response.json({ database: 'ok' }),
    '/api/datasources/uid/:uid/health': async ({ params }) => {
      const { url } = datasources.find(({ uid }) => uid === params.uid)
      const ok = await fetch(url).then(response => response.ok, () => false)
      return Response.json({ status: ok ? 'OK' : 'ERROR' }, { status: ok ? 200 : 400 })
    },
  },
})
`
/** What the server above answers at /told. */
interface Told {
  readonly args: string[]
  readonly datasources: object[]
  readonly uids: string[]
  readonly env: Record<string, string>
}

const folder = mkdtempSync(join(tmpdir(), 'grafana-'))
const cache = join(folder, 'cache')
const cached = join(cache, `grafana-${ARCHIVE.version}`)
const env = { HOME: folder, [CACHE_VARIABLE]: cache, PATH: '/nowhere' }
const bin = join(folder, 'bin')
const opt = join(folder, 'opt/grafana-12')

const settings = readLocalSettings({ STACK_DIR: folder, GRAFANA_PORT: '26001', PROMETHEUS_PORT: '26002' })
const origin = 'http://127.0.0.1:26001'

/** Makes the folder of a Grafana; from 13.2 on, plugins come with it. */
function makeHome(home: string, plugins?: string): void {
  for (const path of ['conf', 'bin', plugins ?? '']) mkdirSync(join(home, path), { recursive: true })
  writeFileSync(join(home, 'conf/defaults.ini'), '')
  writeFileSync(join(home, 'bin/grafana'), SERVER)
  chmodSync(join(home, 'bin/grafana'), 0o755)
}

/** Puts Grafana into the cache, from a server that has an archive of it. */
async function install(): Promise<void> {
  makeHome(join(folder, 'made/grafana-v13'), 'data/plugins-bundled/prometheus')
  await Bun.$`tar -czf ${folder}/grafana.tar.gz -C ${folder}/made grafana-v13`
  const bytes = await Bun.file(join(folder, 'grafana.tar.gz')).bytes()
  const sha256 = { 'linux-amd64': new Bun.CryptoHasher('sha256').update(bytes).digest('hex') }
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(bytes) })
  const options = { cache, platform: 'linux-amd64', downloads: server.url.origin, say: () => {} }
  await ensureTree({ ...ARCHIVE, sha256 }, { ...options, freeBytes: () => 2e9 })
  await server.stop(true)
}

const running: SupervisedProcess[] = []
beforeAll(() => {
  mkdirSync(join(settings.folder, 'logs'), { recursive: true })
  makeHome(opt)
  mkdirSync(bin)
  symlinkSync(join(opt, 'bin/grafana'), join(bin, 'grafana'))
})
afterAll(async () => {
  for (const supervised of running) await supervised.stop()
  rmSync(folder, { recursive: true })
})

test('where there is none, one line says how to get it, and how much that is', async () => {
  expect(grafanaHome(env)).toBeUndefined()
  expect(await startGrafana(settings, env)).toBe(
    'without Grafana: "make grafana" downloads it (457 MB); then run "make down up"',
  )
})

test('a link on PATH leads to its folder; what make grafana has put into the cache comes first', async () => {
  expect(grafanaHome({ ...env, PATH: bin })).toBe(opt)
  await install()
  expect(grafanaHome({ ...env, PATH: bin })).toBe(cached)
  expect(grafanaHome(env)).toBe(cached)
})

test('the one in the cache runs with what helm/ has for it; it is healthy while its data source answers', async () => {
  const prometheus = Bun.serve({ hostname: '127.0.0.1', port: 26_002, fetch: () => new Response() })
  const grafana = await startGrafana(settings, env)
  if (typeof grafana === 'string') return expect.unreachable(grafana)
  running.push(grafana)
  expect(grafanaLink(settings)).toBe(`${origin}/d/${NAME}-overview`)
  const told = (await (await fetch(`${origin}/told`)).json()) as Told
  expect(told.args).toEqual(['server', `--homepath=${cached}`])
  expect(told.datasources).toMatchObject([
    { uid: 'prometheus', type: 'prometheus', url: 'http://127.0.0.1:26002', jsonData: { timeInterval: '5s' } },
    { uid: 'alertmanager', type: 'alertmanager', url: `http://127.0.0.1:${SERVICE_CONFIG.ports.alertmanager}` },
  ])
  expect(told.uids.sort()).toEqual([...dashboards.values()].map(({ uid }) => uid as string).sort())
  expect(told.env).toMatchObject({
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_LOG_MODE: 'console',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_PATHS_BUNDLED_PLUGINS: join(cached, 'data/plugins-bundled'),
    GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false',
    GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
  })

  await prometheus.stop(true)
  expect((await fetch(`${origin}/api/health`)).ok).toBeTrue()
  expect(await grafana.part()).toMatchObject({ name: 'grafana', state: 'unhealthy' })
  await grafana.stop()
})

test('it is not up as long as its data source does not answer', async () => {
  const grafana = new SupervisedProcess(grafanaSpec(settings, opt), 1)
  running.push(grafana)
  await expect(grafana.start()).rejects.toThrow('grafana did not start: it was not healthy within 1 s')
})

const hasPackage = existsSync('/var/lib/grafana/plugins-bundled')
test.skipIf(hasPackage)('one that comes without plugins is not told where they are', () => {
  expect(grafanaSpec(settings, opt).env).not.toHaveProperty('GF_PATHS_BUNDLED_PLUGINS')
})

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { dashboards } from '../../../monitoring/dashboards/dashboards.ts'
import { PROFILES } from '../../../monitoring/profiles.ts'
import { CACHE_VARIABLE } from '../../../service.config.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { archiveOf, CHARTS, type HelmRelease } from './helm-charts.ts'
import { grafanaPassword, installMonitoring, type MonitoringOptions, uninstallMonitoring } from './releases.ts'

const NAME = SERVICE_CONFIG.name

const [profile] = PROFILES as [(typeof PROFILES)[number]]
const ROOT = resolve(import.meta.dir, '../../..')

/** The kustomization that makes ConfigMaps of the dashboards. */
interface Kustomization {
  readonly generatorOptions: { readonly labels: Record<string, string> }
  readonly configMapGenerator: readonly { readonly namespace: string; readonly files: readonly string[] }[]
}

const environment = { ...process.env }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitoring-'))
  process.env[CACHE_VARIABLE] = folder
  mkdirSync(join(folder, 'charts'))
  for (const { chart, version } of Object.values(CHARTS))
    writeFileSync(join(folder, `charts/${chart}-${version}.tgz`), '')
})

afterEach(() => {
  process.env.PATH = environment.PATH
  delete process.env[CACHE_VARIABLE]
  rmSync(folder, { recursive: true })
})

/** Puts a helm on PATH that notes its arguments, then runs a script. */
function helm(script = '') {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/helm'), `#!/bin/sh\necho "$*" >> ${folder}/helm\n${script}\n`)
  chmodSync(join(folder, 'bin/helm'), 0o755)
  process.env.PATH = `${folder}/bin:${environment.PATH}`
}

const helmCalls = () =>
  readFileSync(join(folder, 'helm'), 'utf8')
    .replaceAll(/\/\S*\//g, '')
    .trimEnd()
    .split('\n')

/** A cluster with these objects, by `kind/name` or kind; it notes the arguments of kubectl. */
function cluster(objects: Record<string, unknown> = {}) {
  const calls: { args: string; stdin?: string | undefined }[] = []
  const fake: Cluster = {
    context: 'fake',
    local: true,
    async kubectl(args, { stdin } = {}) {
      calls.push({ args: args.join(' ').replaceAll(/\/\S*\/(k8s|helm)\//g, '$1/'), stdin })
      return ''
    },
    get: async <T>(kind: string, name: string) => (objects[`${kind}/${name}`] ?? objects[kind]) as T | undefined,
  }
  return { fake, calls }
}

const install = async (cluster: Cluster, options: Partial<MonitoringOptions> = {}) => {
  const said: string[] = []
  await installMonitoring(cluster, {
    profile,
    overlay: 'local',
    grafana: true,
    say: line => said.push(line),
    ...options,
  })
  return said
}

const archive = (release: HelmRelease) => basename(archiveOf(CHARTS[release]))

const ready = { metadata: { name: 'mine', generation: 1 }, spec: { selector: { matchLabels: {} } }, status: {} }

test('each release is installed with the hand-written values, then those of the profile', async () => {
  helm()
  const { fake, calls } = cluster()
  await install(fake)
  const command = '--kube-context fake --namespace monitoring upgrade --install'
  expect(helmCalls()).toEqual([
    `${command} prometheus ${archive('prometheus')} --values prometheus.yaml --values prometheus.production.yaml --history-max 3`,
    `${command} blackbox-exporter ${archive('blackbox-exporter')} --values blackbox-exporter.yaml --values blackbox-exporter.yaml --history-max 3`,
    `${command} grafana ${archive('grafana')} --values grafana.yaml --values grafana.production.yaml --history-max 3`,
  ])
  expect(calls[0]?.args).toBe('apply -k k8s/monitoring')
})

test("Grafana's password is created once, is strong, and is on no command line", async () => {
  helm()
  const { fake, calls } = cluster()
  const said = await install(fake)
  const { stringData } = JSON.parse(calls.find(({ args }) => args === 'create -f -')?.stdin ?? '{}')
  const password = stringData['admin-password']
  expect(password).toMatch(/^[\w-]{32}$/)
  expect(JSON.stringify([said, calls.map(({ args }) => args), helmCalls()])).not.toContain(password)

  const data = { 'admin-password': Buffer.from('mine').toString('base64') }
  const there = cluster({ 'secret/grafana-admin': { data } })
  await install(there.fake)
  expect(there.calls.filter(({ args }) => args.startsWith('create'))).toEqual([])
  expect(await grafanaPassword(there.fake)).toBe('mine')
  expect(await grafanaPassword(fake)).toBeUndefined()
})

test('dashboards have the label by which Grafana finds them', async () => {
  helm()
  const { fake, calls } = cluster()
  await install(fake)
  const applied = calls.find(({ args }) => args.startsWith('apply --server-side'))
  expect(applied?.args).toMatch(/-k helm\/generated\/dashboards$/)
  const { generatorOptions, configMapGenerator } = Bun.YAML.parse(
    await Bun.file(join(ROOT, 'helm/generated/dashboards/kustomization.yaml')).text(),
  ) as Kustomization
  expect(generatorOptions.labels).toMatchObject({ grafana_dashboard: '1' })
  expect(configMapGenerator.map(({ namespace }) => namespace)).toEqual(configMapGenerator.map(() => 'monitoring'))
  const files = configMapGenerator.flatMap(({ files }) => files)
  expect(files.sort()).toEqual([...dashboards.values()].map(({ uid }) => `${uid}.json`).sort())
  // The sidecar's folder is shared with the dashboards of other teams.
  for (const file of files) expect(file).toStartWith(`${NAME}-`)
})

test('without Grafana, its Secret and its dashboards are not applied either', async () => {
  helm()
  const { fake, calls } = cluster()
  await install(fake, { grafana: false })
  expect(helmCalls().filter(call => call.includes('grafana'))).toEqual([])
  expect(calls.map(({ args }) => args)).toEqual(['apply -k k8s/monitoring'])
})

test('a release that cannot be installed does not stop the others, and is listed at the end', async () => {
  helm(
    'case "$*" in *"install prometheus "*) echo "Error: no room" >&2; exit 1;; *pull*) echo "Error: no such host" >&2; exit 1;; esac',
  )
  rmSync(join(folder, `charts/grafana-${CHARTS.grafana.version}.tgz`))
  const { fake } = cluster()
  const failed = install(fake)
  await expect(failed).rejects.toThrow(
    /^the monitoring is not complete:\n {2}prometheus: helm .*no room\n {2}grafana: /s,
  )
  await expect(failed).rejects.toThrow(
    new RegExp(`no such host.*${archive('grafana')}\\n {2}to go on without Grafana: GRAFANA=off`, 's'),
  )
  expect(helmCalls().some(call => call.includes('--install blackbox-exporter'))).toBeTrue()
})

test('uninstalling returns what it removed', async () => {
  helm()
  const revision = (name: string) => ({ metadata: { labels: { name } } })
  const secrets = { items: [revision('prometheus'), revision('prometheus'), revision('theirs')] }
  const { fake, calls } = cluster({ 'namespace/monitoring': {}, secrets })
  expect(await uninstallMonitoring(fake, () => {})).toEqual([
    'prometheus: uninstalled',
    "monitoring: deleted, with the dashboards, Prometheus' data and Grafana's password",
  ])
  expect(helmCalls()).toEqual(['--kube-context fake --namespace monitoring uninstall prometheus --ignore-not-found'])
  expect(calls.map(({ args }) => args)).toEqual(['delete namespace monitoring --timeout=120s'])
  expect(await uninstallMonitoring(cluster().fake, () => {})).toEqual([])
})

test('a namespace with workloads of others is kept', async () => {
  const workloads = { items: [ready] }
  const { fake, calls } = cluster({ 'namespace/monitoring': {}, 'deployments,statefulsets,daemonsets': workloads })
  expect(await uninstallMonitoring(fake, () => {})).toEqual([
    "monitoring: kept, because it also contains mine; this project's objects were deleted",
  ])
  expect(calls.map(({ args }) => args)).toEqual([
    `-n monitoring delete deployment,service,configmap,secret -l app.kubernetes.io/part-of=${NAME}`,
  ])
})

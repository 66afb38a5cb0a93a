import { afterAll, describe, expect, test } from 'bun:test'
import { evaluate, faultsOf } from '../drills/dashboards/evaluate.ts'
import { evaluationTable } from '../drills/dashboards/table.ts'
import { PrometheusClient } from '../lib/prometheus.ts'
import { BASICS } from '../monitoring/basics.ts'
import { dashboards } from '../monitoring/dashboards/index.ts'
import { PROFILES } from '../monitoring/profiles.ts'
import { ruleFile } from '../monitoring/rules/index.ts'
import { CLUSTER_JOBS, JOBS } from '../monitoring/targets.ts'
import { MONITORING_NAMESPACE, NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { PROFILE } from '../platforms/local/specs.ts'
import { run } from '../test/process.ts'
import { api, CHARTS, cluster, env, GRAFANA, leaveOut, make, platform, ROOT, say, until } from './support.ts'

if (!CHARTS) leaveOut('what the Helm-installed Prometheus has', 'no chart can be had')

const prometheus = new PrometheusClient(() => platform.prometheus())
const get = async <T>(path: string) => {
  const { data } = (await (await fetch(`${await platform.prometheus()}/api/v1/${path}`)).json()) as { data: T }
  return data
}
const now = () => Date.now() / 1000
const value = async (query: string) =>
  (await prometheus.instant(query, now())).flatMap(({ samples }) => samples.map(([, value]) => value))

describe.skipIf(!CHARTS)('the Helm-installed Prometheus', () => {
  test('has loaded every rule, and finds nothing wrong with any', async () => {
    const drill = PROFILES.find(({ name }) => name === 'drill') as (typeof PROFILES)[number]
    const expected = ruleFile(drill).groups.flatMap(({ rules }) =>
      rules.map(rule => ('alert' in rule ? rule.alert : rule.record)),
    )
    const { groups } = await get<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')
    const loaded = groups.flatMap(({ rules }) => rules)
    expect(loaded.map(({ name }) => name).sort()).toEqual(expected.sort())
    expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([])
    say(`${loaded.length} rules loaded`)
  })

  test('has every job up', async () => {
    const jobs = [...Object.values(JOBS), ...Object.values(CLUSTER_JOBS)]
    const targets = async () => {
      const { activeTargets } = await get<{ activeTargets: { labels: { job: string }; health: string }[] }>('targets')
      return activeTargets
    }
    await until(60, 'every target is up', async () => (await targets()).every(({ health }) => health === 'up'))
    expect([...new Set((await targets()).map(({ labels }) => labels.job))].sort()).toEqual(jobs.sort())
  }, 90_000)

  test('has the six basic figures', async () => {
    await make('load', { RATE: '20', DURATION: '10' })
    for (const [name, query] of Object.entries(BASICS)) {
      const values = await value(query)
      say(`${name}: ${values.map(value => Number(value.toPrecision(3))).join(', ')}`)
      expect({ name, values: values.length > 0 && values.every(Number.isFinite) }).toEqual({ name, values: true })
    }
  }, 60_000)

  test('has an answer that fits to every query of every dashboard', async () => {
    const evaluated = await evaluate(dashboards.values(), prometheus, 'kubernetes', PROFILE, now())
    console.log(evaluationTable(evaluated, 'kubernetes'))
    expect(evaluated.length).toBeGreaterThan(100)
    expect(faultsOf(evaluated)).toEqual([])
  }, 120_000)
})

describe.skipIf(!CHARTS)('Grafana', () => {
  test('has its dashboard, its data source, and a password that is made once', async () => {
    const { code, out, err } = await run(['make', '--silent', '-C', ROOT, 'monitoring', 'ONLY=grafana'], { env })
    if (GRAFANA) expect({ code, err }).toEqual({ code: 0, err: '' })
    else {
      leaveOut("Grafana's pod", 'its image cannot be had')
      expect(code).toBe(2) // make's own, for a command that failed
      expect(out + err).toMatch(/grafana.*image/i)
      expect(out + err).toContain('GRAFANA=off')
    }
    const map = await cluster.get<{ data: Record<string, string> }>(
      ...['-n', MONITORING_NAMESPACE, 'configmap', 'dashboard-overview'],
    )
    expect(JSON.parse(map?.data['overview.json'] ?? '{}').uid).toBe('tipping-point-overview')
    const password = (await make('grafana-password')).trim()
    expect(password.length).toBeGreaterThanOrEqual(24)
    await run(['make', '--silent', '-C', ROOT, 'monitoring', 'ONLY=grafana'], { env })
    expect((await make('grafana-password')).trim()).toBe(password)
  }, 300_000)

  test.skipIf(!GRAFANA)(
    'serves the dashboard',
    async () => {
      const password = (await make('grafana-password')).trim()
      const path = `/api/v1/namespaces/${MONITORING_NAMESPACE}/services/grafana:80/proxy/api/dashboards/uid/tipping-point-overview`
      const authorization = `Basic ${btoa(`admin:${password}`)}`
      await until(
        60,
        'Grafana has the dashboard',
        async () => (await api.fetch(path, { headers: { authorization } })).ok,
      )
    },
    90_000,
  )
})

describe('at the end', () => {
  afterAll(() => api.close())

  test('a load from within the cluster ends with the exit code of k6', async () => {
    const said = await make('load', { IN_CLUSTER: '1', RATE: '20', DURATION: '5' })
    expect(said).toMatch(/load: \d+ requests in \d+ s, 0\.0 % failed, 0 dropped/)
    const refused = await run(['make', '--silent', '-C', ROOT, 'load'], {
      env: { ...env, IN_CLUSTER: '1', RATE: 'many' },
    })
    expect(refused.out + refused.err).toContain('RATE:')
    expect(refused.code).not.toBe(0)
  }, 240_000)

  test('make undeploy leaves nothing', async () => {
    await make('undeploy')
    for (const namespace of [NAMESPACE, MONITORING_NAMESPACE])
      expect(await cluster.get('namespace', namespace)).toBeUndefined()
    expect(await platform.status()).toBeUndefined()
  }, 240_000)
})

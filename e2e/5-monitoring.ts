import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { evaluate, faultsOf } from '../drills/dashboards/evaluate.ts'
import { evaluationTable } from '../drills/dashboards/evaluation-table.ts'
import { findGrafana } from '../drills/dashboards/grafana-client.ts'
import { PrometheusClient } from '../lib/prometheus.ts'
import { BASICS } from '../monitoring/basics.ts'
import { dashboards } from '../monitoring/dashboards/dashboards.ts'
import { select } from '../monitoring/rule.ts'
import { ruleFile } from '../monitoring/rules/rules.ts'
import { CLUSTER_JOBS, JOBS } from '../monitoring/targets.ts'
import { MONITORING_NAMESPACE, NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { FORWARDS, forward } from '../platforms/kubernetes/monitoring/forwards.ts'
import { PROFILE } from '../platforms/local/specs.ts'
import { browserFor } from '../test/chromium.ts'
import { CUT_LEGEND, lookAtDashboards } from '../test/dashboard-pages.ts'
import { runMake } from '../test/make.ts'
import { until } from '../test/until.ts'
import { api, CHARTS, cluster, env, FOLDER, GRAFANA, leaveOut, makeTarget, platform, say } from './support.ts'

const NAME = SERVICE_CONFIG.name

if (!CHARTS) leaveOut('the tests of the Prometheus that Helm installs', 'no chart can be pulled')

const prometheus = new PrometheusClient(() => platform.prometheus())

/** Seconds before these tests in which only the service had load and was changed, not the monitoring stack. */
const UNCHANGED_SECONDS = 600

describe.skipIf(!CHARTS)('the Prometheus that Helm installs', () => {
  test('has delivered every notification and evaluated every rule for ten minutes', async () => {
    // A scrape may time out while a drill takes the CPU, so TargetDown is no fault.
    const faults = select('ALERTS', { area: 'pipeline', alertname: '!~Watchdog|TargetDown', alertstate: 'firing' })
    const now = Date.now() / 1000
    expect(await prometheus.stored(faults, now - UNCHANGED_SECONDS, now)).toEqual([])
    expect(await makeTarget('alerts')).toMatch(/^Watchdog was last delivered .* \(\d+ s ago\)\.$/m)
  })

  test('has loaded every rule and evaluates each without an error', async () => {
    const expected = ruleFile(PROFILE).groups.flatMap(({ rules }) =>
      rules.map(rule => ('alert' in rule ? rule.alert : rule.record)),
    )
    const { groups } = await prometheus.get<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')
    const loaded = groups.flatMap(({ rules }) => rules)
    expect(loaded.map(({ name }) => name).sort()).toEqual(expected.sort())
    expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([])
    say(`${loaded.length} rules loaded`)
  })

  test('has every job, and every target is up', async () => {
    const targets = async () =>
      (await prometheus.get<{ activeTargets: { labels: { job: string }; health: string }[] }>('targets')).activeTargets
    await until(60, 'every target is up', async () => (await targets()).every(({ health }) => health === 'up'))
    const jobs = [...Object.values(JOBS), ...Object.values(CLUSTER_JOBS)]
    expect([...new Set((await targets()).map(({ labels }) => labels.job))].sort()).toEqual(jobs.sort())
  }, 90_000)

  test('has the six basic figures', async () => {
    await makeTarget('load', { RATE: '20', DURATION: '10' })
    for (const [name, query] of Object.entries(BASICS)) {
      const values = (await prometheus.instant(query)).flatMap(({ samples }) => samples.map(([, value]) => value))
      say(`${name}: ${values.map(value => Number(value.toPrecision(3))).join(', ')}`)
      expect({ name, finite: values.length > 0 && values.every(Number.isFinite) }).toEqual({ name, finite: true })
    }
  }, 60_000)

  test('answers every query of every dashboard', async () => {
    const evaluated = await evaluate(dashboards.values(), prometheus, 'kubernetes', PROFILE, Date.now() / 1000)
    console.log(evaluationTable(evaluated, 'kubernetes'))
    expect(evaluated.length).toBeGreaterThan(100)
    expect(faultsOf(evaluated)).toEqual([])
    expect(evaluated.filter(({ skipped }) => skipped?.startsWith('no load'))).toEqual([])
  }, 120_000)
})

describe.skipIf(!CHARTS)('Grafana', () => {
  const install = () => runMake('monitoring', { env: { ...env, ONLY: 'grafana' } })
  const passwordOf = async () => (await makeTarget('grafana-password')).trim()

  test('has its dashboard and a password that is generated once', async () => {
    const { code, out, err } = await install()
    if (GRAFANA) expect({ code, err }).toEqual({ code: 0, err: '' })
    else {
      leaveOut("Grafana's pod", 'its image cannot be pulled')
      expect(code).toBe(2) // make's exit code when a command fails
      expect(out + err).toMatch(/grafana.*image/i)
      expect(out + err).toContain('GRAFANA=off')
    }
    const path = ['-n', MONITORING_NAMESPACE, 'configmap', `dashboard-${NAME}-overview`]
    const map = await cluster.get<{ data: Record<string, string> }>(...path)
    expect(JSON.parse(map?.data[`${NAME}-overview.json`] ?? '{}').uid).toBe(`${NAME}-overview`)
    const password = await passwordOf()
    expect(password.length).toBeGreaterThanOrEqual(24)
    await install()
    expect(await passwordOf()).toBe(password)
  }, 300_000)

  test.skipIf(!GRAFANA)(
    'serves the dashboard',
    async () => {
      const grafana = `/api/v1/namespaces/${MONITORING_NAMESPACE}/services/grafana:80/proxy`
      const headers = { authorization: `Basic ${btoa(`admin:${await passwordOf()}`)}` }
      const load = () => api.fetch(`${grafana}/api/dashboards/uid/${NAME}-overview`, { headers })
      await until(60, 'Grafana serves the dashboard', async () => (await load()).ok)
    },
    90_000,
  )

  const what = 'the dashboards in a browser'
  const launch = GRAFANA ? browserFor(what) : undefined
  if (GRAFANA && launch === undefined) leaveOut(what, 'no Chromium is on PATH')

  test.skipIf(launch === undefined)(
    'shows something in every panel of every dashboard',
    async () => {
      const stop = new AbortController()
      const browser = await (launch as NonNullable<typeof launch>)()
      try {
        const { origin } = await forward(cluster, FORWARDS.grafana, 0, stop.signal)
        const address = origin.replace('//', `//admin:${encodeURIComponent(await passwordOf())}@`)
        const grafana = await findGrafana(address)
        if (grafana === undefined) throw new Error(`Grafana at ${origin} does not answer, or refuses the user admin`)
        const look = { grafana, folder: join(FOLDER, 'dashboards'), state: 'cluster', accepted: [CUT_LEGEND] }
        expect(await lookAtDashboards(browser, look)).toEqual({})
      } finally {
        await browser.close()
        stop.abort()
      }
    },
    400_000,
  )
})

describe('at the end', () => {
  afterAll(() => api.close())

  test('a load from within the cluster ends with the exit code of k6', async () => {
    const said = await makeTarget('load', { IN_CLUSTER: '1', RATE: '20', DURATION: '5' })
    expect(said).toMatch(/load: \d+ requests in \d+ s, 0\.0 % failed, 0 dropped/)
    const refused = await runMake('load', { env: { ...env, IN_CLUSTER: '1', RATE: 'many' } })
    expect(refused.out + refused.err).toContain('RATE:')
    expect(refused.code).not.toBe(0)
  }, 240_000)

  test('make undeploy leaves nothing', async () => {
    await makeTarget('undeploy')
    for (const namespace of [NAMESPACE, MONITORING_NAMESPACE])
      expect(await cluster.get('namespace', namespace)).toBeUndefined()
    expect(await platform.status()).toBeUndefined()
  }, 240_000)
})

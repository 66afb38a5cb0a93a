import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import { OWN } from '../own-monitoring.ts'
import { PROFILES } from '../profiles.ts'
import { selectorsOf } from '../promql.ts'
import { promtool } from '../promtool.ts'
import { alertingRule } from '../rule.ts'
import { nodeRecordingRules } from '../rules/node-rules.ts'
import { alerts } from '../rules/rules.ts'
import { dashboards } from './dashboards.ts'
import { covers, EXCEPTIONS, lint, problemsOf } from './lint.ts'
import { panelsOf, queriesOf } from './panel-queries.ts'

const NAME = SERVICE_CONFIG.name

/** A copy of a dashboard, as Grafana reads it. */
const written = (dashboard?: Dashboard): Dashboard => JSON.parse(JSON.stringify(dashboard))

const queries = [...dashboards.values()].flatMap(dashboard => queriesOf(dashboard))

test('no two dashboards have the same uid', () => {
  const uids = new Set([...dashboards.values()].map(({ uid }) => uid))
  expect(uids).not.toContain(undefined)
  expect(uids.size).toBe(dashboards.size)
})

test.each([...dashboards])('%s keeps every rule of the lint', (_, dashboard) => {
  expect(lint(written(dashboard))).toEqual([])
})

test('the service dashboard has a graph of each metric that only the chosen service has', () => {
  const titles = panelsOf(written(dashboards.get('service'))).map(({ title }) => title)
  expect(titles).toEqual(expect.arrayContaining(Object.values(OWN.catalogue ?? {}).map(({ name }) => name)))
})

test('every exception from a rule is needed', () => {
  const needed = (exception: (typeof EXCEPTIONS)[number]) =>
    [...dashboards.values()]
      .map(written)
      .some(dashboard => problemsOf(dashboard).some(problem => covers(exception, problem, dashboard)))
  expect(EXCEPTIONS.filter(exception => !needed(exception))).toEqual([])
})

describe('queries', () => {
  test('no variable is left, and queries of metrics that only a cluster has are marked', () => {
    for (const { expr } of queries) expect(expr).not.toMatch(/\$[a-z_]/)
    const ofClusters = queries.filter(({ platforms }) => platforms === 'kubernetes')
    expect([...new Set(ofClusters.map(({ title }) => title))].sort()).toEqual([
      'CPU, share of limit',
      'Memory, share of limit',
      'Replicas',
      'Restarts',
      'Throttled periods',
    ])
    for (const { expr } of ofClusters)
      expect(selectorsOf(expr)).toContainEqual(
        expect.objectContaining({ metric: expect.stringMatching(/^(kube|container)_/) }),
      )
  })

  test('variables have the values with which a dashboard opens', () => {
    const filled = (name: string) => queriesOf(dashboards.get(name) as Dashboard).map(({ expr }) => expr)
    expect(filled('service')[3]).toContain(`{job=~"${NAME}",namespace=~".*",pod=~".*",instance=~".+"}`)
    expect(filled('node')[0]).toContain('{job=~"node-exporter",instance=~".+",')
  })

  test('a rate interval and a range are filled in', () => {
    const filled = queriesOf(dashboards.get('overview') as Dashboard, { rateInterval: '30s', range: '5m' })
    const ranges = new Set(filled.flatMap(({ expr }) => selectorsOf(expr)).flatMap(({ range }) => range ?? []))
    expect(ranges).toEqual(new Set(['30s', '5m']))
  })

  test('a query that cannot be parsed is an error with its text and the position', () => {
    const dashboard = written(dashboards.get('overview'))
    const [panel] = panelsOf(dashboard)
    Object.assign(panel?.targets?.[0] ?? {}, { expr: 'sum(up' })
    const error = 'PromQL cannot be parsed at character 7: sum(up'
    expect(() => queriesOf(dashboard)).toThrow(error)
    expect(() => lint(dashboard)).toThrow(error)
  })

  test(
    'Prometheus parses every query',
    async () => {
      const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }))
      const file = join(mkdtempSync(join(tmpdir(), 'dashboards-')), 'rules.yml')
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }))
      const { out, err, code } = await promtool(['check', 'rules', file])
      expect(out + err).toContain(`SUCCESS: ${queries.length} rules found`)
      expect(code).toBe(0)
    },
    WITH_INSTALL,
  )

  test(
    'without series, no query has an answer: none hides a missing series',
    async () => {
      const tests = [
        {
          interval: '5s',
          promql_expr_test: queries.map(({ expr }) => ({ expr, eval_time: '15m', exp_samples: [] })),
        },
      ]
      const folder = mkdtempSync(join(tmpdir(), 'dashboards-'))
      const file = join(folder, 'tests.yml')
      writeFileSync(file, JSON.stringify({ rule_files: [], evaluation_interval: '5s', tests }))
      expect(await promtool(['test', 'rules', file])).toMatchObject({ code: 0 })
      writeFileSync(file, JSON.stringify({ tests: [{ promql_expr_test: [{ expr: 'vector(0)', eval_time: '1m' }] }] }))
      expect(await promtool(['test', 'rules', file])).toMatchObject({ code: 1 })
    },
    WITH_INSTALL,
  )

  test('the storage panels select the same filesystems as the storage alerts', () => {
    const fstypes = (exprs: string[]) =>
      new Set(
        exprs
          .flatMap(selectorsOf)
          .flatMap(({ matchers }) => matchers)
          .filter(({ name }) => name === 'fstype')
          .map(({ operator, value }) => `${operator}${value}`),
      )
    const alerted = PROFILES.flatMap(nodeRecordingRules).map(({ expr }) => expr)
    expect(fstypes(queries.map(({ expr }) => expr)).size).toBeGreaterThan(0)
    expect(fstypes(queries.map(({ expr }) => expr))).toEqual(fstypes(alerted))
  })
})

test('every alert in a description exists', () => {
  const names = new Set(PROFILES.flatMap(alerts).map(({ name }) => name))
  const texts = [...dashboards.values()].flatMap(panelsOf).map(({ description }) => description ?? '')
  const called = texts.flatMap(text => [...text.matchAll(/(\w+) fires|\b(Watchdog)\b/g)].map(([, a, b]) => a ?? b))
  expect(called).not.toEqual([])
  for (const name of called) expect(names).toContain(name as string)
})

test('each alert that a description names is linked to its runbook, which exists', () => {
  const names = PROFILES.slice(0, 1)
    .flatMap(alerts)
    .map(({ name }) => name)
  // Exceptions and Watchdog are also words of English
  const isNamed = (name: string, text: string) =>
    new RegExp(/[a-z][A-Z]/.test(name) ? `\\b${name}\\b` : `\\b${name} fires\\b`).test(text)
  const panels = [...dashboards.values()].flatMap(panelsOf)
  expect(panels.flatMap(({ links = [] }) => links)).not.toEqual([])
  for (const { title, description = '', links = [] } of panels) {
    const named = names.filter(name => isNamed(name, description)).sort()
    const linked = links.map(({ url }) => /runbooks\/(\w+)\.md$/.exec(url ?? '')?.[1]).sort()
    expect({ title, linked }).toEqual({ title, linked: named })
    for (const name of named) expect(existsSync(join(import.meta.dir, `../runbooks/${name}.md`))).toBe(true)
  }
})

test('each alert links to a dashboard that exists', () => {
  const uids = [...dashboards.values()].map(({ uid }) => uid)
  for (const rule of PROFILES.flatMap(alerts)) {
    const { dashboard_url } = alertingRule(rule).annotations
    expect(uids).toContain(/\/d\/([^?]+)\?from=now-1h&to=now$/.exec(dashboard_url)?.[1])
  }
})

test('dashboards link to each other and to Prometheus', () => {
  for (const { links, tags } of dashboards.values())
    expect(links).toMatchObject([
      { type: 'dashboards', tags, keepTime: true, asDropdown: true },
      { type: 'link', title: 'Prometheus' },
    ])
})

type Break = (dashboard: Dashboard, panel: Panel, target: { expr: string; legendFormat?: string }) => unknown

/** Each rule, and how to break it in the panel of the overview with the title {@link BROKEN}. */
const BROKEN = 'Requests'
const BREAKS: readonly [rule: string, breakIt: Break][] = [
  ['uneditable-dashboard', dashboard => Object.assign(dashboard, { editable: true })],
  ['classic-json', dashboard => Object.assign(dashboard, { apiVersion: 'dashboard.grafana.app/v2' })],
  ['fits-a-config-map', dashboard => Object.assign(dashboard, { description: 'x'.repeat(2 ** 20) })],
  ['template-datasource', dashboard => dashboard.templating.list?.shift()],
  [
    'template-datasource: there is more',
    ({ templating: { list = [] } }) => list.push(structuredClone(list[0] as never)),
  ],
  ['template-job', dashboard => Object.assign(dashboard.templating.list?.[1] ?? {}, { multi: false })],
  ['template-instance', dashboard => Object.assign(dashboard.templating.list?.[4] ?? {}, { allValue: '.*' })],
  [
    'template-on-time-change-reload: job',
    ({ templating }) => Object.assign(templating.list?.[1] ?? {}, { refresh: 1 }),
  ],
  ['template-label-promql: job', ({ templating }) => Object.assign(templating.list?.[1] ?? {}, { query: 'jobs()' })],
  ['panel-title-description', (_, panel) => Object.assign(panel, { description: 'Requests.' })],
  ['panel-datasource', (_, panel) => Object.assign(panel, { datasource: { type: 'prometheus', uid: 'prometheus' } })],
  ['panel-units', (_, panel) => delete panel.fieldConfig?.defaults.unit],
  ['panel-min', (_, panel) => delete panel.fieldConfig?.defaults.min],
  ['panel-no-targets', (_, panel) => Object.assign(panel, { targets: [] })],
  ['target-ref-id', (_, panel, target) => panel.targets?.push(target as never)],
  ['target-legend', (_, __, target) => Object.assign(target, { legendFormat: '' })],
  ['target-no-vector', (_, __, target) => Object.assign(target, { expr: `${target.expr} or vector(0)` })],
  ['target-known-metric', (_, __, target) => replace(target, catalogue.requests.name, 'http_request_total')],
  ['target-job', (_, __, target) => replace(target, 'job=~"$job"', `job="${NAME}"`)],
  ['target-instance', (_, __, target) => replace(target, ',instance=~"$instance"', '')],
  ['target-pod', (_, __, target) => replace(target, ',pod=~"$pod"', '')],
  ['target-known-metric: Starts', ({ annotations }) => replace(annotations.list?.[0], 'ALERTS', 'ALARMS')],
  ['annotation-mark', ({ annotations }) => Object.assign(annotations.list?.[0] ?? {}, { expr: 'ALERTS{area="node"}' })],
  ['annotation-mark', ({ annotations }) => replace(annotations.list?.[0], ' offset $__interval', '')],
  ['annotation-area', ({ annotations }) => replace(annotations.list?.[0], ',area=~"service"', '')],
  [
    'annotation-switch',
    ({ annotations }) => Object.assign(annotations.list?.[0] ?? {}, { placement: 'inControlsMenu' }),
  ],
  ['link-in-sight', ({ links }) => Object.assign(links?.[0] ?? {}, { placement: 'inControlsMenu' })],
  ['link-dropdown', ({ links }) => Object.assign(links?.[0] ?? {}, { asDropdown: false })],
  ['template-empty: pod', ({ templating }) => Object.assign(templating.list?.[3] ?? {}, { hide: 0 })],
  ['panel-soft-max', (_, panel) => Object.assign(panel, { type: 'timeseries' })],
  ['panel-soft-max-bytes', (_, panel) => Object.assign(panel.fieldConfig?.defaults ?? {}, { unit: 'binBps' })],
  [
    'panel-minimum-count',
    (_, panel) => {
      const steps = [{ value: null, color: 'red' }]
      Object.assign(panel, { type: 'timeseries' })
      Object.assign(panel.fieldConfig?.defaults ?? {}, { thresholds: { steps }, custom: { thresholdsStyle: 'dashed' } })
    },
  ],
  ['panel-unit-words', (_, panel) => Object.assign(panel.fieldConfig?.defaults ?? {}, { unit: 'cps' })],
  ['panel-whole-numbers', (_, panel) => Object.assign(panel.fieldConfig?.defaults ?? {}, { decimals: 2 })],
  ['panel-title-width', (_, panel) => Object.assign(panel, { title: 'Requests of this time range' })],
  [
    'panel-legend',
    (_, panel, target) =>
      Object.assign(panel, { type: 'timeseries' }, Object.assign(target, { legendFormat: '{{route}}' })),
  ],
  ['table-sorted', (_, panel) => Object.assign(panel, { type: 'table', options: { sortBy: [] } })],
  ['table-above-zero', (_, panel) => Object.assign(panel, { type: 'table' })],
  ['table-narrow', (_, panel) => Object.assign(panel, { type: 'table' })],
  ['table-empty', (_, panel) => Object.assign(panel, { type: 'table' })],
  ['panel-closed-row', (_, __, target) => Object.assign(target, { expr: 'count(kube_pod_status_phase)' })],
  [
    'first-screen',
    ({ panels = [] }) => Object.assign(panels.find(({ type }) => type === 'row')?.gridPos ?? {}, { y: 19 }),
  ],
  ['annotations', dashboard => Object.assign(dashboard, { annotations: { list: [] } })],
  ['target-rate-interval', (_, __, target) => replace(target, '$__range', '5m')],
  ['target-counter-agg', (_, __, target) => replace(target, 'increase(', 'last_over_time(')],
  ['panel-ids', (_, panel) => Object.assign(panel, { id: 1 })],
  ['grid-hole', (_, panel) => Object.assign(panel.gridPos ?? {}, { w: 3 })],
  ['grid-hole', (_, panel) => Object.assign(panel.gridPos ?? {}, { h: 5 })],
]

function replace(target: { expr?: string } | undefined, from: string, to: string) {
  expect(target?.expr).toContain(from)
  Object.assign(target ?? {}, { expr: target?.expr?.replaceAll(from, to) })
}

test.each(BREAKS)('the lint reports the rule %s when it is broken', (rule, breakIt) => {
  const dashboard = written(dashboards.get('overview'))
  const panel = panelsOf(dashboard).find(({ title }) => title === BROKEN)
  breakIt(dashboard, panel as Panel, panel?.targets?.[0] as never)
  expect(lint(dashboard).join('\n')).toContain(rule)
})

import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WITH_INSTALL } from '../test/programs.ts'
import { managedResources } from './managed.ts'
import { PRODUCTION } from './profiles.ts'
import { selectorsOf } from './promql.ts'
import { promtool } from './promtool.ts'
import { alerts, ruleFile } from './rules/rules.ts'
import { EXPORTERS, JOBS } from './targets.ts'

interface Spec {
  readonly groups: readonly { readonly rules: readonly { alert?: string; record?: string; expr: string }[] }[]
  readonly endpoints: readonly { readonly path?: string; readonly params?: Record<string, string[]> }[]
}

const all = managedResources(PRODUCTION)
const ofKind = (kind: string) => all.filter(resource => resource.kind === kind)
const specOf = (resource: (typeof all)[number] | undefined) => resource?.spec as Spec
const { groups } = specOf(ofKind('ClusterRules')[0])
const rules = groups.flatMap(({ rules }) => rules)

/** The label `job` of what Google scrapes: the names of the resources, and that of its own scrape of the kubelets. */
const SCRAPED = [...ofKind('PodMonitoring'), ...ofKind('ClusterPodMonitoring')].map(({ metadata }) => metadata.name)
const JOB_NAMES = [...SCRAPED, 'kubelet']

test('the rules are those of the rule file, without those of the parts that Google runs', () => {
  const names = rules.flatMap(({ alert }) => alert ?? [])
  const left = alerts(PRODUCTION).filter(({ name }) => !names.includes(name))
  expect(left.map(({ area }) => area)).toEqual(Array(5).fill('pipeline'))
  expect(names).toContain('Watchdog')
  const ours: unknown[] = ruleFile(PRODUCTION).groups.flatMap(({ rules }) => rules)
  for (const rule of rules) expect(ours).toContainEqual(rule)
  expect(JSON.stringify(rules)).not.toContain('keep_firing_for') // Google's evaluator does not know it
})

test('each rule reads the jobs that are scraped, by the names that they have at Google', () => {
  const recorded = new Set(rules.flatMap(({ record }) => record ?? []))
  const selectors = rules.flatMap(({ expr }) => selectorsOf(expr)).filter(({ metric }) => !recorded.has(metric))
  const read = selectors.flatMap(({ metric, matchers }) => {
    const job = matchers.find(({ name }) => name === 'job')
    if (job === undefined) return [`${metric} of any job`]
    const found = JOB_NAMES.filter(name => new RegExp(`^(${job.value})$`).test(name))
    return found.length > 0 ? found : [`${metric} of ${job.value}`]
  })
  expect([...new Set(read)].sort()).toEqual(JOB_NAMES.toSorted())
  expect(selectors.length).toBeGreaterThan(50)
})

test('there is no kind for probes: the exporter is scraped at the path of the probe', () => {
  const probe = ofKind('PodMonitoring').find(({ metadata }) => metadata.name === JOBS.probe)
  expect(specOf(probe).endpoints[0]).toMatchObject({
    path: '/probe',
    params: { target: [expect.stringMatching(/^http/)] },
  })
})

test('the replicas have the labels on which rules join them with kube-state-metrics', () => {
  const joined = rules.flatMap(({ expr }) => [...expr.matchAll(/on \(([^)]*)\)/g)].map(([, labels = '']) => labels))
  expect([...new Set(joined.flatMap(labels => labels.split(', ')))].filter(label => label !== '').sort()).toEqual(
    expect.arrayContaining(['namespace', 'pod']),
  )
  const service = ofKind('PodMonitoring').find(({ metadata }) => metadata.name === JOBS.service)
  expect(service?.spec).toMatchObject({ targetLabels: { metadata: expect.arrayContaining(['pod']) } }) // `namespace` always
  expect(rules.some(({ expr }) => expr.includes(`${EXPORTERS.up}{`))).toBe(true)
})

test(
  'promtool accepts the rules',
  async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'managed-')), 'rules.json')
    await Bun.write(file, JSON.stringify({ groups }))
    expect(await promtool(['check', 'rules', file])).toMatchObject({ code: 0 })
  },
  WITH_INSTALL,
)

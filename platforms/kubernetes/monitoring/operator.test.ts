// What is made for clusters that run the Prometheus operator.
import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Probe } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { runProgram } from '../../../lib/process.ts'
import { dashboards } from '../../../monitoring/dashboards/dashboards.ts'
import { operatorResources } from '../../../monitoring/operator.ts'
import { PRODUCTION } from '../../../monitoring/profiles.ts'
import { ruleFile } from '../../../monitoring/rules/rules.ts'
import { JOBS, OPERATOR_JOBS } from '../../../monitoring/targets.ts'
import { archiveOf, OPERATOR } from './helm-charts.ts'

const NAME = SERVICE_CONFIG.name

const ROOT = resolve(import.meta.dir, '../../..')
const profile = PRODUCTION
const resources = operatorResources(profile)

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: of any kind; the schemas are checked by the first test
  readonly spec?: any
  readonly data?: Record<string, string>
}

const parse = (text: string) => (Bun.YAML.parse(text) as (Manifest | null)[]).filter(manifest => manifest !== null)
const fileOf = (path: string) => Bun.file(join(ROOT, path)).text()

const MODELS = { ServiceMonitor, Probe, PrometheusRule } as const

test('each is valid by the schema of the operator, and one of the wrong shape is not', () => {
  for (const resource of resources.values()) {
    const { kind } = resource as Manifest
    const Model = MODELS[kind as keyof typeof MODELS]
    new Model(resource as never).validate()
    const { spec, ...rest } = resource as Manifest
    const wrong = { ...rest, spec: { ...spec, ...{ endpoints: 'all', groups: 'all', targets: 'all' } } }
    expect(() => new Model(wrong as never).validate()).toThrow()
  }
  expect([...resources.values()].map(resource => (resource as Manifest).kind)).toEqual(Object.keys(MODELS))
})

test('every rule is there, and replicas and the probe have the jobs that the rules name', () => {
  const specOf = (name: string) => (resources.get(name) as Manifest).spec
  expect(specOf('prometheusrule')).toEqual(ruleFile(profile))
  expect(specOf('probe').jobName).toBe(JOBS.probe)
  const [endpoint] = specOf('servicemonitor').endpoints
  expect(endpoint.relabelings).toContainEqual({ targetLabel: 'job', replacement: JOBS.service })
})

const kubectl = Bun.which('kubectl') !== null
if (!kubectl) console.warn('SKIPPED: the overlay for the operator is not rendered: kubectl is not on PATH')
test.skipIf(!kubectl)(
  'the overlay leads from the ServiceMonitor to the port of the metrics, and has every dashboard',
  async () => {
    const manifests = parse(await runProgram(['kubectl', 'kustomize', join(ROOT, 'k8s/overlays/operator')]))
    const find = (kind: string, name: string) => {
      const found = manifests.find(manifest => manifest.kind === kind && manifest.metadata.name === name)
      if (found === undefined) throw new Error(`no ${kind} ${name}`)
      return found
    }
    const monitor = find('ServiceMonitor', NAME)
    const service = find('Service', `${NAME}-metrics`)
    const { template } = find('Deployment', NAME).spec
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels)
    const port = service.spec.ports.find(({ name }: { name: string }) => name === monitor.spec.endpoints[0].port)
    expect(template.metadata.labels).toMatchObject(service.spec.selector)
    expect(template.spec.containers[0].ports).toContainEqual(
      expect.objectContaining({ name: port.targetPort, containerPort: port.port }),
    )
    for (const { uid = '' } of dashboards.values()) {
      const { metadata, data } = find('ConfigMap', `dashboard-${uid}`)
      expect(metadata).toMatchObject({ namespace: 'monitoring', labels: { grafana_dashboard: '1' } })
      expect(JSON.parse(data?.[`${uid}.json`] ?? '{}').uid).toBe(uid)
    }
  },
)

const chart = archiveOf(OPERATOR)
const lacking = [
  ...(Bun.which('helm') === null ? ['helm is not on PATH'] : []),
  ...(existsSync(chart) ? [] : [`${chart} is not there`]),
]
if (lacking.length > 0) console.warn(`SKIPPED: the operator's chart is not rendered: ${lacking.join('; ')}`)

describe.skipIf(lacking.length > 0)("the operator's chart with the values of helm/", () => {
  const FILES = ['helm/operator.yaml', 'helm/generated/operator.production.yaml']

  /** Everything that a tree of values sets, by its path; what is below a list or a free map counts as one. */
  function paths(values: unknown, known: unknown, path: string[] = []): string[] {
    const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
    const free = isMap(known) && Object.keys(known as object).length === 0
    if (!isMap(values) || free) return []
    return Object.entries(values as object).flatMap(([key, value]) => {
      const there = isMap(known) && key in (known as object)
      const here = [...path, key]
      return there ? paths(value, (known as Record<string, unknown>)[key], here) : [here.join('.')]
    })
  }

  test('has a place for each of them', async () => {
    const defaults = Bun.YAML.parse(await runProgram(['helm', 'show', 'values', chart])) as object
    // Grafana's are those of its own chart, of which this one sets a few; the configuration of Alertmanager is its own
    const known = { grafana: { admin: {}, resources: {}, 'grafana.ini': {} }, alertmanager: { config: {} } }
    for (const file of FILES) {
      const values = Bun.YAML.parse(await fileOf(file))
      const unknown = paths(values, defaults).filter(path => paths(values, known).includes(path))
      expect({ file, unknown }).toEqual({ file, unknown: [] })
    }
    expect(paths({ prometheus: { prometheusSpecs: {} } }, defaults)).toEqual(['prometheus.prometheusSpecs'])
  }, 30_000)

  test('sees what is made here, and names its own jobs as the rules do', async () => {
    const values = FILES.flatMap(file => ['--values', join(ROOT, file)])
    const command = ['helm', 'template', 'monitoring', chart, '-n', 'monitoring', '--kube-version', '1.34.0', ...values]
    const manifests = parse(await runProgram(command))
    const of = (kind: string) => manifests.filter(manifest => manifest.kind === kind)

    const [prometheus] = of('Prometheus')
    for (const selector of ['ruleSelector', 'serviceMonitorSelector', 'probeSelector'])
      expect({ selector, value: prometheus?.spec[selector] }).toEqual({ selector, value: {} })
    expect(prometheus?.spec).toMatchObject({
      enableRemoteWriteReceiver: true,
      scrapeInterval: profile.scrapeInterval,
      evaluationInterval: profile.evaluationInterval,
    })
    expect(of('PrometheusRule')).toEqual([])

    const secret = of('Secret').find(({ metadata }) => metadata.name.startsWith('alertmanager-'))
    const configuration = Buffer.from(secret?.data?.['alertmanager.yaml'] ?? '', 'base64').toString()
    expect(configuration).toContain('alert-receiver.monitoring.svc')
    expect(configuration).toContain('inhibit_rules')

    /** The job that the operator gives to what a ServiceMonitor finds: a label of the Service, else its name. */
    const services = of('Service')
    const jobs = of('ServiceMonitor').flatMap(({ spec }) =>
      services
        .filter(({ metadata }) =>
          Object.entries(spec.selector.matchLabels).every(([label, value]) => metadata.labels?.[label] === value),
        )
        .map(({ metadata }) => metadata.labels?.[spec.jobLabel] ?? metadata.name),
    )
    expect(jobs).toContain(JOBS.node)
    expect(jobs).toContain('kube-state-metrics')
    for (const selector of [OPERATOR_JOBS.prometheus, OPERATOR_JOBS.alertmanager])
      expect(jobs.some(job => new RegExp(`^(${selector.slice(2)})$`).test(job))).toBe(true)
  }, 30_000)
})

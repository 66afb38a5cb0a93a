import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Glob } from 'bun'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IService } from 'kubernetes-models/v1/Service'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { runProgram } from '../../../lib/process.ts'
import { devDependencies, name } from '../../../package.json'
import { readConfig } from '../../../src/config.ts'
import { withRanges } from './source-ranges.ts'

const { name: NAME, ports } = SERVICE_CONFIG

const PROJECT = resolve(import.meta.dir, '../../..')
const read = (path: string) => Bun.file(resolve(PROJECT, path)).text()

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: of any kind; the schemas are checked by the first test
  readonly spec?: any
}

const OVERLAYS = ['dev', 'local', 'gke', 'gke-autopilot', 'gke-gateway', 'gke-small'] as const
/** The overlays in which an autoscaler sets the number of replicas, and nothing can break the service on purpose. */
const PRODUCTION: readonly string[] = ['gke', 'gke-gateway']
const COMPONENTS = ['faults', 'gateway', 'hpa', 'loadbalancer', 'networkpolicy', 'nodeport', 'pdb'] as const

describe.skipIf(Bun.which('kubectl') === null)('the manifests', () => {
  const rendered = new Map<string, Manifest[]>()

  /** What `kubectl kustomize` makes of a folder, or of standard input's kustomization in a folder of its own. */
  async function render(folder: string): Promise<Manifest[]> {
    const documents = Bun.YAML.parse(await runProgram(['kubectl', 'kustomize', resolve(PROJECT, folder)]))
    return (Array.isArray(documents) ? documents : [documents]) as Manifest[]
  }
  const folder = (name: string) => (name === 'monitoring' ? 'k8s/monitoring' : `k8s/overlays/${name}`)

  beforeAll(async () => {
    for (const name of [...OVERLAYS, 'monitoring']) rendered.set(name, await render(folder(name)))
    rendered.set('base', await render('k8s/base'))
  }, 30_000)

  const all = (set: string) => rendered.get(set) ?? []
  function find<T = Manifest>(set: string, kind: string, name = NAME): T {
    const found = all(set).find(manifest => manifest.kind === kind && manifest.metadata.name === name)
    if (found === undefined) throw new Error(`no ${kind} ${name} in ${set}`)
    return found as T
  }
  const kinds = (set: string) => all(set).map(({ kind }) => kind)
  const podOf = (set: string, name = NAME) => {
    const spec = find<IDeployment>(set, 'Deployment', name).spec?.template.spec
    const [container, ...others] = spec?.containers ?? []
    if (spec === undefined || container === undefined || others.length > 0) throw new Error('not one container')
    return { spec, container }
  }
  const environment = (set: string) =>
    Object.fromEntries((podOf(set).container.env ?? []).map(({ name, value }) => [name, value]))

  test.each(['base', ...OVERLAYS, 'monitoring'])('%s is valid by the schemas of Kubernetes', async set => {
    expect(all(set).length).toBeGreaterThan(3)
    for (const manifest of all(set)) {
      if (manifest.apiVersion.includes('gateway') || manifest.apiVersion.includes('gke')) continue // see the test of the Gateway
      const models = await import(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`) // throws for unknown kinds
      new models[manifest.kind](manifest).validate()
    }
  })

  test('a manifest of the wrong shape is found', async () => {
    const { Deployment } = await import('kubernetes-models/apps/v1/Deployment')
    const { spec, ...rest } = find<IDeployment>('local', 'Deployment')
    expect(() => new Deployment({ ...rest, spec: { ...spec, replicas: 'two' } as never }).validate()).toThrow()
  })

  test.each(COMPONENTS)('some overlay uses the component %s', async component => {
    const texts = await Promise.all(OVERLAYS.map(overlay => read(`k8s/overlays/${overlay}/kustomization.yaml`)))
    expect(texts.join()).toContain(`components/${component}\n`)
    expect(existsSync(resolve(PROJECT, `k8s/components/${component}/kustomization.yaml`))).toBe(true)
  })

  test.each([...OVERLAYS, 'monitoring'])('everything of %s is in its namespace', set => {
    const namespace = set === 'monitoring' ? 'monitoring' : name
    for (const { kind, metadata } of all(set))
      expect([kind, kind === 'Namespace' ? metadata.name : metadata.namespace]).toEqual([kind, namespace])
  })

  test.each(OVERLAYS)('the namespace of %s refuses what is not restricted', overlay => {
    expect(find(overlay, 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    })
  })

  test.each([
    ['dev', name, 1000, false],
    ['local', name, 65532, true],
    ['gke', name, 65532, true],
    ['gke-gateway', name, 65532, true],
    ['gke-small', name, 65532, true],
    ['monitoring', 'alert-receiver', 1000, true],
  ] as const)('the pods of %s may do nothing they need not', (set, deployment, runAsUser, readOnlyRootFilesystem) => {
    const { spec, container } = podOf(set, deployment)
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem,
      capabilities: { drop: ['ALL'] },
    })
    for (const kind of ['requests', 'limits'] as const)
      expect(Object.keys(container.resources?.[kind] ?? {}).sort()).toEqual(['cpu', 'memory'])
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers', 'initContainers'])
      expect(spec).not.toHaveProperty(key)
  })

  test.each(OVERLAYS)('a replica of %s has the CPU limit that sets its capacity', overlay => {
    expect(podOf(overlay).container.resources).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: overlay === 'dev' ? '500m' : '300m', memory: '256Mi' },
    })
  })

  test.each(OVERLAYS)('the configuration of %s is accepted, and a pod has the time to drain by it', overlay => {
    const config = readConfig(environment(overlay), {})
    expect(podOf(overlay).spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      config.readinessDelaySeconds + config.drainTimeoutSeconds + 5,
    )
    expect(podOf(overlay).container.ports).toEqual([
      { name: 'http', containerPort: config.port },
      { name: 'metrics', containerPort: config.metricsPort },
    ])
    expect(config.faults).toBe(!PRODUCTION.includes(overlay))
  })

  test.each(OVERLAYS)('a rollout of %s takes no replica away before its successor serves', overlay => {
    expect(find(overlay, 'Deployment').spec).toMatchObject({
      minReadySeconds: expect.any(Number),
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    })
  })

  test('only the development of it waits for the next save instead of a restart', () => {
    expect(OVERLAYS.filter(overlay => podOf(overlay).container.livenessProbe === undefined)).toEqual(['dev'])
  })

  test.each(['local', 'gke', 'gke-gateway', 'gke-small'])(
    'no probe of %s mistakes an overloaded replica for a dead one',
    overlay => {
      const { startupProbe, readinessProbe, livenessProbe } = podOf(overlay).container
      expect([startupProbe, readinessProbe, livenessProbe].map(probe => probe?.httpGet)).toEqual([
        { path: '/startupz', port: 'http' },
        { path: '/readyz', port: 'http' },
        { path: '/livez', port: 'http' },
      ])
      for (const probe of [startupProbe, readinessProbe, livenessProbe])
        expect(probe?.timeoutSeconds).toBeGreaterThan(4) // a packet that is dropped twice arrives after 1 + 2 s
      const patience = (probe = livenessProbe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0)
      expect(patience()).toBeGreaterThanOrEqual(60)
      expect(patience()).toBeGreaterThan(2 * patience(readinessProbe))
    },
  )

  test.each([...OVERLAYS, 'monitoring'])('every selector of %s selects its pods, and nothing but', set => {
    const deployments = all(set).filter(({ kind }) => kind === 'Deployment')
    expect(deployments.length).toBe(1)
    const { selector, template } = deployments[0]?.spec ?? {}
    expect(template.metadata.labels).toMatchObject(selector.matchLabels)
    expect(Object.keys(selector.matchLabels).sort()).toEqual(['app.kubernetes.io/component', 'app.kubernetes.io/name'])
    const selectors = all(set).flatMap(({ kind, spec }) => {
      if (kind === 'Service') return [spec.selector]
      if (kind === 'PodDisruptionBudget') return [spec.selector.matchLabels]
      return kind === 'NetworkPolicy' ? [spec.podSelector.matchLabels] : []
    })
    for (const constraint of template.spec.topologySpreadConstraints ?? [])
      selectors.push(constraint.labelSelector.matchLabels)
    expect(selectors.length).toBeGreaterThan(0)
    for (const other of selectors) expect(other).toEqual(selector.matchLabels)
  })

  test('the API is opened as far as each overlay says', async () => {
    const types = (set: string) => find<IService>(set, 'Service').spec?.type
    expect(['base', ...OVERLAYS].map(types)).toEqual([
      'ClusterIP',
      'NodePort',
      'NodePort',
      'LoadBalancer',
      'LoadBalancer',
      'ClusterIP',
      'LoadBalancer',
    ])
    for (const set of ['base', ...OVERLAYS]) {
      const local = set === 'dev' || set === 'local'
      expect(find<IService>(set, 'Service').spec?.ports).toEqual([
        { name: 'http', port: 80, targetPort: 'http', ...(local && { nodePort: 30080 }) },
      ])
      expect(find<IService>(set, 'Service', `${NAME}-pods`).spec).toMatchObject({
        clusterIP: 'None',
        publishNotReadyAddresses: false,
        ports: [{ port: ports.api, targetPort: 'http' }],
      })
    }
    const [, cluster] = Bun.YAML.parse(await read('k8s/cluster.yaml')) as [unknown, Record<string, never>]
    expect(cluster).toMatchObject({
      name: `kind-${NAME}`,
      kindV1Alpha4Cluster: {
        nodes: [{ extraPortMappings: [{ containerPort: 30080, hostPort: 30080, listenAddress: '127.0.0.1' }] }],
      },
    })
  })

  test.each([
    ['gke', '0.0.0.0/0'],
    ['gke-autopilot', '192.0.2.1/32'],
    ['gke-small', '192.0.2.1/32'], // nobody, until SOURCE_RANGES says who
  ])('the load balancer of %s is of the recommended class, and lets %s call', (overlay, range) => {
    expect(find<IService>(overlay, 'Service').spec).toMatchObject({
      loadBalancerClass: 'networking.gke.io/l4-regional-external',
      loadBalancerSourceRanges: [range],
      externalTrafficPolicy: 'Cluster',
    })
  })

  // The schemas of these kinds are in @kubernetes-models/gateway-api 2.0.0 and @kubernetes-models/gke 4.6.2, which have 40 MB.
  // Compare a changed manifest with them.
  test('a Gateway reaches the ready pods, and a pod that ends has the time to leave its load balancer', () => {
    const overlay = 'gke-gateway'
    const targetRef = { group: '', kind: 'Service', name }
    expect(find(overlay, 'Gateway').spec).toEqual({
      gatewayClassName: 'gke-l7-global-external-managed',
      listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }],
    })
    expect(find(overlay, 'HTTPRoute').spec).toEqual({
      parentRefs: [{ name: find(overlay, 'Gateway').metadata.name }],
      rules: [{ backendRefs: [{ name, port: find<IService>(overlay, 'Service').spec?.ports?.[0]?.port }] }],
    })
    const { spec, container } = podOf(overlay)
    const { checkIntervalSec, unhealthyThreshold, ...health } = find(overlay, 'HealthCheckPolicy').spec.default
    expect(health).toEqual({
      timeoutSec: 5,
      healthyThreshold: 1,
      config: {
        type: 'HTTP',
        httpHealthCheck: { requestPath: container.readinessProbe?.httpGet?.path, port: SERVICE_CONFIG.ports.api },
      },
    })
    expect(find(overlay, 'HealthCheckPolicy').spec.targetRef).toEqual(targetRef)
    const { readinessDelaySeconds, drainTimeoutSeconds } = readConfig(environment(overlay), {})
    expect(readinessDelaySeconds).toBeGreaterThan(checkIntervalSec * (unhealthyThreshold + 1))
    const drainingTimeoutSec = drainTimeoutSeconds + 5
    expect(find(overlay, 'GCPBackendPolicy').spec).toEqual({
      default: { connectionDraining: { drainingTimeoutSec } },
      targetRef,
    })
    expect(spec.terminationGracePeriodSeconds).toBe(readinessDelaySeconds + drainTimeoutSeconds + 15)
    const service = find<IService>(overlay, 'Service').spec
    for (const key of ['loadBalancerClass', 'loadBalancerSourceRanges', 'externalTrafficPolicy'])
      expect(service).not.toHaveProperty(key) // the API server refuses them for a ClusterIP
  })

  test('SOURCE_RANGES replaces the ranges of an overlay with a load balancer, and is refused for another', async () => {
    const rendered = (overlay: string) => runProgram(['kubectl', 'kustomize', resolve(PROJECT, folder(overlay))])
    const replaced = withRanges(await rendered('gke-small'), ['203.0.113.7/32', '198.51.100.0/24'])
    const services = (Bun.YAML.parse(replaced) as Manifest[]).filter(
      ({ kind, spec }) => kind === 'Service' && spec.type,
    )
    expect(services.map(({ spec }) => spec.loadBalancerSourceRanges)).toEqual([['203.0.113.7/32', '198.51.100.0/24']])
    expect(replaced).not.toContain('192.0.2.1')
    const local = await rendered('local')
    expect(() => withRanges(local, ['203.0.113.7/32'])).toThrow(/^SOURCE_RANGES: this overlay has no load balancer/)
  })

  test.each(OVERLAYS)('the pods of %s call nobody, and show their metrics to monitoring alone', overlay => {
    const { policyTypes, ingress, egress } = find(overlay, 'NetworkPolicy').spec
    expect(policyTypes.toSorted()).toEqual(['Egress', 'Ingress'])
    expect(egress).toEqual([])
    const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }
    expect(ingress).toEqual([
      { ports: [{ port: ports.api }] },
      { from: [monitoring], ports: [{ port: ports.metrics }] },
    ])
  })

  const examples = [...new Glob('examples/*/k8s').scanSync({ cwd: PROJECT, onlyFiles: false })]
  test.each(examples)('%s adds whom the pods may call, and a variable from a Secret', async overlay => {
    const manifests = await render(overlay)
    const specOf = (kind: string) => manifests.find(manifest => manifest.kind === kind)?.spec
    const { egress, ingress } = specOf('NetworkPolicy')
    expect(egress.flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port))).toEqual([
      5432, 53, 53,
    ])
    expect(ingress).toEqual(find('local', 'NetworkPolicy').spec.ingress)
    expect(specOf('Deployment').template.spec.containers[0].env[0]).toEqual({
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'database', key: 'url' } },
    })
  })

  test('the autoscaler owns the replicas where it is, and only there', () => {
    expect(OVERLAYS.filter(overlay => kinds(overlay).includes('HorizontalPodAutoscaler'))).toEqual(PRODUCTION as never)
    for (const set of ['base', ...OVERLAYS])
      expect([set, find(set, 'Deployment').spec.replicas]).toEqual([set, PRODUCTION.includes(set) ? undefined : 1])
    const { minReplicas, maxReplicas, metrics, scaleTargetRef } = find('gke', 'HorizontalPodAutoscaler').spec
    expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name })
    expect([minReplicas, maxReplicas]).toEqual([2, 5])
    expect(metrics[0].resource.target).toEqual({ type: 'AverageValue', averageValue: '150m' }) // half of the limit
  })

  test('a drain may take one pod at a time, and always one that is broken', () => {
    for (const overlay of OVERLAYS)
      expect(find(overlay, 'PodDisruptionBudget').spec).toMatchObject({
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      })
  })

  test('replicas are spread over nodes, and on GKE over zones', () => {
    const keys = (set: string) =>
      podOf(set)
        .spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)
        .sort()
    expect(keys('local')).toEqual(['kubernetes.io/hostname'])
    expect(keys('gke')).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone'])
  })

  test('images are named as those who replace them expect, pinned, and pulled only where they are missing', () => {
    for (const set of ['base', 'dev', 'local', 'gke-small']) expect(podOf(set).container.image).toBe(name)
    expect(podOf('gke').container.image).toEndWith(`/${name}:TAG`)
    expect(podOf('monitoring', 'alert-receiver').container.image).toBe(`oven/bun:${devDependencies.bun}-slim`)
    for (const set of ['base', ...OVERLAYS, 'monitoring']) {
      const text = JSON.stringify(all(set))
      expect(text).not.toContain(':latest')
      expect(text).not.toContain('"Always"')
    }
  })

  test('the receiver runs the file that the local stack runs', async () => {
    const map = all('monitoring').find(({ kind }) => kind === 'ConfigMap') as Manifest & { data: object }
    expect(map.metadata.name).toMatch(/^alert-receiver-\w{10}$/)
    expect(map.data).toEqual({ 'receiver.ts': await read('k8s/monitoring/receiver.ts') })
    expect(podOf('monitoring', 'alert-receiver').spec.volumes?.[0]?.configMap?.name).toBe(map.metadata.name)
  })
})
if (Bun.which('kubectl') === null) console.warn('SKIPPED: the manifests, because kubectl is not on PATH')

import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseMermaid, renderMermaidASCII } from 'beautiful-mermaid'
import { prometheusValues, RECEIVER } from '../../monitoring/helm.ts'
import { DRILL, PRODUCTION, type Profile, secondsOf } from '../../monitoring/profiles.ts'
import { prometheusConfiguration } from '../../monitoring/scrapes.ts'
import { FORWARDS } from '../../platforms/kubernetes/monitoring/forwards.ts'
import { PORTS } from '../../platforms/local/local-settings.ts'
import { SERVICE_CONFIG } from '../../service.config.ts'
import { ALLOWED, importsOf } from '../../test/imports.ts'
import { isTest, sourceFiles } from '../../test/source-files.ts'
import { diagramsOf } from './generated-documents.ts'

const ROOT = resolve(import.meta.dir, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const diagrams = diagramsOf(read('docs/architecture.md'))
const [machine, cluster, request, sample, flow, folders] = diagrams as [string, string, string, string, string, string]

type Graph = ReturnType<typeof parseMermaid>

/** Text of a node on one line. */
const labelOf = (graph: Graph, id: string) => graph.nodes.get(id)?.label.replaceAll('\n', ' ') ?? ''

/** The scrapes of a diagram: its dotted edges. */
const scrapesIn = (graph: Graph) =>
  graph.edges
    .filter(({ style }) => style === 'dotted')
    .map(({ source, target, label }) => ({ source, target, job: label ?? '' }))

/** Whether a diagram has an edge between two nodes. */
const asks = (graph: Graph, source: string, target: string) =>
  graph.edges.some(edge => edge.source === source && edge.target === target && edge.style !== 'dotted')

/** The port at the end of an address or of a label; 80 where there is none. */
const portOf = (address: string) => Number(/:(\d+)(?:\/|$)/.exec(address)?.[1] ?? 80)

test('every diagram can be drawn', () => {
  expect(diagrams).toHaveLength(6)
  for (const diagram of diagrams) expect(renderMermaidASCII(diagram).split('\n').length).toBeGreaterThan(5)
}, 60_000)

describe('one machine', () => {
  const graph = parseMermaid(machine)
  /** The node of each port. */
  const NODES: Readonly<Record<keyof typeof PORTS, string>> = {
    PORT: 'api',
    METRICS_PORT: 'metrics',
    PROMETHEUS_PORT: 'prometheus',
    ALERTMANAGER_PORT: 'alertmanager',
    NODE_EXPORTER_PORT: 'node',
    BLACKBOX_EXPORTER_PORT: 'blackbox',
    GRAFANA_PORT: 'grafana',
    RECEIVER_PORT: 'receiver',
  }
  const addressOf = (variable: keyof typeof PORTS) => `:${PORTS[variable][0]}`

  test.each(Object.entries(NODES) as [keyof typeof PORTS, string][])('%s is the port of %s', (variable, node) => {
    expect(labelOf(graph, node)).toEndWith(` ${addressOf(variable)}`)
  })

  test('no other node has a port', () => {
    const withPort = [...graph.nodes.values()].filter(({ label }) => /:\d/.test(label)).map(({ id }) => id)
    expect(withPort.sort()).toEqual(Object.values(NODES).sort())
  })

  test("the scrapes are those of Prometheus' configuration", () => {
    const configuration = prometheusConfiguration(DRILL, [], {
      replicasFile: addressOf('METRICS_PORT'),
      api: addressOf('PORT'),
      blackboxExporter: addressOf('BLACKBOX_EXPORTER_PORT'),
      nodeExporter: addressOf('NODE_EXPORTER_PORT'),
      alertmanager: addressOf('ALERTMANAGER_PORT'),
      prometheus: addressOf('PROMETHEUS_PORT'),
    })
    const configured = configuration.scrape_configs.map(({ job_name, ...targets }) => {
      const [address] =
        'static_configs' in targets
          ? (targets.static_configs[0]?.targets ?? [])
          : (targets.file_sd_configs[0]?.files ?? [])
      return `${job_name} ${address}`
    })
    const drawn = scrapesIn(graph).map(({ source, target, job }) => {
      expect(source).toBe('prometheus')
      return `${job} :${portOf(labelOf(graph, target))}`
    })
    expect(drawn.sort()).toEqual(configured.sort())
  })

  test('the probe requests the path that blackbox_exporter is asked to request', () => {
    expect(graph.edges.find(({ source, target }) => source === 'blackbox' && target === 'api')?.label).toBe(
      `GET ${SERVICE_CONFIG.probe.path}`,
    )
  })
})

describe('Kubernetes', () => {
  const graph = parseMermaid(cluster)
  const namespaceOf = (node: string) => graph.subgraphs.find(({ nodeIds }) => nodeIds.includes(node))?.id
  const manifests = ['k8s/base/service.yaml', 'k8s/base/service-pods.yaml', 'k8s/monitoring/receiver.yaml']
  const objects = manifests.flatMap(file => Bun.YAML.parse(read(file))) as {
    kind: string
    metadata: { name: string; namespace: string }
    spec: { ports: { port: number }[] }
  }[]

  test('the Services are those of the manifests, and those that make forward forwards', () => {
    const ofManifests = objects
      .filter(({ kind }) => kind === 'Service')
      .map(({ metadata: { name, namespace }, spec }) => `${namespace} ${name} :${spec.ports[0]?.port}`)
    const forwarded = Object.values(FORWARDS).map(
      ({ namespace, target, port }) => `${namespace} ${target.replace('service/', '')} :${port}`,
    )
    const drawn = [...graph.nodes.values()]
      .filter(({ shape }) => shape === 'stadium')
      .map(({ id }) => `${namespaceOf(id)} ${labelOf(graph, id)}`)
    expect(drawn.sort()).toEqual([...new Set([...ofManifests, ...forwarded])].sort())
  })

  test('the ports of the pods and of the node are those of the manifests', () => {
    const deployment = Bun.YAML.parse(read('k8s/base/deployment.yaml')) as {
      spec: { template: { spec: { containers: { ports: { name: string; containerPort: number }[] }[] } } }
    }
    const ports = deployment.spec.template.spec.containers.flatMap(container => container.ports)
    const drawn = ports.map(({ name, containerPort }) => `${name === 'http' ? 'API' : name} :${containerPort}`)
    expect(labelOf(graph, 'pods')).toBe(`pods of the service ${drawn.join(', ')}`)
    const nodePort = /nodePort: (\d+)/.exec(read('k8s/components/nodeport/kustomization.yaml'))?.[1]
    expect(labelOf(graph, 'k6')).toBe(`k6 127.0.0.1:${nodePort}`)
  })

  test('the scrapes are those of the chart values, of pods in their namespaces', () => {
    const { scrapeConfigs } = prometheusValues(DRILL)
    type Scrape = { enabled?: boolean; kubernetes_sd_configs?: { role: string; namespaces?: { names: string[] } }[] }
    const configured = Object.entries(scrapeConfigs as Record<string, Scrape>).flatMap(([job, scrape]) => {
      if (scrape.enabled === false) return []
      const [discovery] = scrape.kubernetes_sd_configs ?? []
      if (discovery === undefined) return [`${job} of monitoring`] // Prometheus itself, on localhost
      return [`${job} of ${discovery.role === 'node' ? 'cluster' : discovery.namespaces?.names.join()}`]
    })
    const drawn = scrapesIn(graph).map(({ source, target, job }) => {
      expect(source).toBe('prometheus')
      return `${job} of ${namespaceOf(target)}`
    })
    expect(drawn.sort()).toEqual(configured.sort())
  })

  test('Alertmanager and Grafana ask the Services that their configurations name', () => {
    const nodeOf = (url: string) => {
      const { hostname } = new URL(url)
      const [name] = hostname.split('.')
      const label = `${name} :${portOf(url.replace('http:', ''))}`
      return [...graph.nodes.keys()].find(id => labelOf(graph, id) === label) ?? `no node for ${url}`
    }
    expect(asks(graph, 'alertmanager', nodeOf(RECEIVER))).toBe(true)
    const grafana = Bun.YAML.parse(read('helm/generated/grafana.drill.yaml')) as {
      datasources: { 'datasources.yaml': { datasources: { url: string }[] } }
    }
    for (const { url } of grafana.datasources['datasources.yaml'].datasources)
      expect(asks(graph, 'grafana', nodeOf(url))).toBe(true)
  })

  test('make forward is drawn to each Service that it forwards', () => {
    const drawn = graph.edges.filter(({ source }) => source === 'forward').map(({ target }) => labelOf(graph, target))
    const forwarded = Object.values(FORWARDS).map(({ target, port }) => `${target.replace('service/', '')} :${port}`)
    expect(drawn.sort()).toEqual(forwarded.sort())
  })
})

describe('the way of a request', () => {
  const participants = [...request.matchAll(/participant (\w+)/g)].map(([, name]) => name as string)
  const sources = sourceFiles().filter(({ file }) => file.startsWith('src/') && !isTest(file))

  test.each(participants.filter(name => !['client', 'bun'].includes(name)))('%s is exported by the service', name => {
    const declaration = new RegExp(`^export (function|class|const) ${name}\\b`, 'm')
    expect(sources.filter(({ source }) => declaration.test(source))).toHaveLength(1)
  })

  test('the functions are nested in this order where the service starts', () => {
    const start = read('src/service.ts')
    const positions = ['requireHost(request => app.fetch', 'instrument(routed', 'addHeaders(counted'].map(text =>
      start.indexOf(text),
    )
    expect(positions).not.toContain(-1)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b)) // inner functions first
  })
})

test('the way of a sample has the times of the profiles', () => {
  const inWords = (duration: string) => duration.replace(/m$/, ' min').replace(/s$/, ' s')
  const both = (time: (profile: Profile) => string) => `${inWords(time(DRILL))} (${inWords(time(PRODUCTION))})`
  const graph = parseMermaid(sample)
  const expected = {
    scrape: `scrape, every ${both(profile => profile.scrapeInterval)}`,
    window: `rate over the window of ${both(profile => profile.window)}`,
    evaluation: `evaluation, every ${both(profile => profile.evaluationInterval)}`,
    pending: `pending for ${both(profile => profile.for.degradation)}`,
    group: `group_wait of ${both(profile => profile.grouping.wait)}`,
  }
  for (const [node, label] of Object.entries(expected)) expect(labelOf(graph, node)).toBe(label)
  const prose = read('docs/architecture.md')
  expect(prose).toContain(`An outage has ${both(profile => profile.for.outage)}`)
  expect(prose).toContain(`\`group_interval\`: ${both(profile => profile.grouping.interval)}`)
  expect(secondsOf(DRILL.grouping.wait)).toBeGreaterThan(secondsOf(DRILL.evaluationInterval))
})

describe('the flow of the source', () => {
  const graph = parseMermaid(flow)
  const files = sourceFiles().filter(({ file }) => !isTest(file))
  const edges = graph.edges.map(
    ({ source, target, style }) => [labelOf(graph, source), labelOf(graph, target), style] as const,
  )

  /** Whether a file below the path `target` imports a file below the path `source`. */
  const readBy = (source: string, target: string) =>
    files.some(
      ({ file, source: text }) =>
        file.startsWith(target) && importsOf(file, text).some(path => path.startsWith(source)),
    )

  test.each(edges.filter(([, , style]) => style === 'solid'))('%s is read by %s', (source, target) => {
    expect(existsSync(join(ROOT, source))).toBe(true)
    expect(readBy(source, target)).toBe(true)
    expect(readBy(target, source)).toBe(false)
  })

  test.each(edges.filter(([, , style]) => style === 'thick'))('%s is generated to %s', (source, target) => {
    expect(existsSync(join(ROOT, source))).toBe(true)
    expect(read('monitoring/generate.ts')).toContain(target.replace(/\/$/, ''))
  })
})

test('the folders are drawn with the imports that exist, and the drawing allows no other', () => {
  const graph = parseMermaid(folders)
  const next = Map.groupBy(graph.edges, ({ source }) => source)
  const reach = (folder: string): string[] =>
    (next.get(folder) ?? []).flatMap(({ target }) => [target, ...reach(target)])
  const folderOf = (file: string) => file.split('/')[0] as string
  const actual = new Set(
    sourceFiles()
      .filter(({ file }) => !isTest(file) || file.startsWith('e2e/'))
      .flatMap(({ file, source }) => importsOf(file, source).map(path => [folderOf(file), folderOf(path)] as const))
      .filter(([from, to]) => from !== to && Object.hasOwn(ALLOWED, to) && to !== 'test' && !to.endsWith('.ts'))
      .map(([from, to]) => `${from} -> ${to}`),
  )
  for (const pair of actual) {
    const [from = '', to = ''] = pair.split(' -> ')
    expect(reach(from), pair).toContain(to)
  }
  for (const { source, target } of graph.edges) expect([...actual]).toContain(`${source} -> ${target}`)
})

import { CLUSTER_METRICS, EXPORTERS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue, type HistogramMetric, type Metric } from '../../src/telemetry/catalogue.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

const isHistogram = (metric: Metric): metric is HistogramMetric => 'buckets' in metric

const list = (names: Readonly<Record<string, string>>) =>
  Object.values(names)
    .toSorted()
    .map(name => `- ${inCode(name)}`)
    .join('\n')

/** The page of the metrics: those of the service, and those of others that rules and dashboards read. */
export function metricsPage(): string {
  const metrics: readonly Metric[] = Object.values(catalogue)
  const rows = metrics.map(({ name, kind, unit, labels, help }) => [
    inCode(name),
    kind,
    unit,
    Object.values(labels).map(inCode).join(', '),
    help,
  ])
  const buckets = metrics
    .filter(isHistogram)
    .map(({ name, buckets }) => `- ${inCode(name)}: ${buckets.join(', ')}`)
    .join('\n')
  return markdownPage(
    'Metrics',
    'From [`src/telemetry/catalogue.ts`](../../../src/telemetry/catalogue.ts) and ' +
      '[`monitoring/targets.ts`](../../../monitoring/targets.ts). [metrics.md](../metrics.md) says how to read them.',
    [
      `## Of the service\n\n${markdownTable(['name', 'type', 'unit', 'labels', 'meaning'], rows)}`,
      `Upper bounds of the buckets:\n\n${buckets}`,
      `## Of Prometheus, Alertmanager and the exporters\n\nRules and dashboards read:\n\n${list(EXPORTERS)}`,
      `## Of kube-state-metrics and cAdvisor\n\nPrometheus stores no others of theirs:\n\n${list(CLUSTER_METRICS)}`,
      `## Of k6\n\n${list(LOAD_METRICS)}`,
    ],
  )
}

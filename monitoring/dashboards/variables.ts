import {
  type DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import { EXPORTERS, JOBS } from '../targets.ts'

/** The data source that a dashboard's variable `datasource` chooses. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** The variables that choose series, in their order, and what they are called on the page. */
export const CHOICES = { job: 'Job', namespace: 'Namespace', pod: 'Pod', instance: 'Instance' } as const

/** Which of the {@link CHOICES} a dashboard offers, and of which metric and job. */
export interface Choices {
  readonly metric: string
  readonly job: string
  readonly labels: readonly (keyof typeof CHOICES)[]
}

/** The service: its replicas, by their pods where there are some. */
export const SERVICE: Choices = {
  metric: catalogue.requests.name,
  job: JOBS.service,
  labels: ['job', 'namespace', 'pod', 'instance'],
}

/** The nodes. */
export const NODES: Choices = { metric: EXPORTERS.nodeLoad, job: JOBS.node, labels: ['job', 'instance'] }

/**
 * What "All" stands for. A replica that is no pod has neither of these labels, and `.*` takes that, too; an `instance`
 * everything has.
 */
export const allOf = (label: keyof typeof CHOICES) => (label === 'namespace' || label === 'pod' ? '.*' : '.+')

/** Adds the choice of a data source, and those of {@link Choices}: any number of values, read anew whenever the time range changes. */
export function withVariables(dashboard: DashboardBuilder, choices?: Choices): void {
  dashboard.withVariable(new DatasourceVariableBuilder('datasource').label('Data Source').type('prometheus'))
  if (choices === undefined) return
  const { metric, job, labels } = choices
  const chosen: Record<string, string> = {} // each choice narrows those after it
  for (const label of labels) {
    const series = label === 'job' ? metric : select(metric, chosen)
    const variable = new QueryVariableBuilder(label)
      .label(CHOICES[label])
      .datasource(DATASOURCE)
      .query(`label_values(${series}, ${label})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .multi(true)
      .allValue(allOf(label))
    // `.+` as the job of `up` would count the exporters as replicas
    if (label === 'job') variable.includeAll(false).current({ text: [job], value: [job] })
    else variable.includeAll(true).current({ text: ['All'], value: ['$__all'] }) // what Grafana writes for "All"
    dashboard.withVariable(variable)
    chosen[label] = `=~$${label}`
  }
}

import {
  type DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { select } from '../rule.ts'

/** The data source that a dashboard's variable `datasource` selects. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** The labels for which dashboards have a variable, in the order of the variables, with the name on the page. */
export const LABEL_NAMES = { job: 'Job', namespace: 'Namespace', pod: 'Pod', instance: 'Instance' } as const

type Label = keyof typeof LABEL_NAMES

/** The variables of a dashboard: the labels, and the metric and the job from which Grafana reads their values. */
export interface Variables {
  readonly metric: string
  readonly job: string
  readonly labels: readonly Label[]
}

/** Label matchers for what the dashboard's variables select. */
export const chosen = (...labels: readonly Label[]): Readonly<Record<string, string>> =>
  Object.fromEntries(labels.map(label => [label, `=~$${label}`]))

/** Label matchers for the replicas that the dashboard's variables select. */
export const REPLICAS = chosen('job', 'namespace', 'pod', 'instance')

/** Labels that only replicas in a cluster have: on one machine their variables are empty, so they stay in a menu. */
export const CLUSTER_LABELS: readonly string[] = ['namespace', 'pod'] satisfies Label[]

/**
 * The matcher's value when "All" is selected. A replica outside a cluster has no `namespace` and no `pod`, which `.*`
 * matches, too; every target has an `instance`.
 */
export const allValueOf = (label: Label) => (CLUSTER_LABELS.includes(label) ? '.*' : '.+')

/** Adds the variables of the data source and of the labels. Grafana reads their values for each new time range. */
export function addVariables(dashboard: DashboardBuilder, variables?: Variables): void {
  dashboard.withVariable(new DatasourceVariableBuilder('datasource').label('Data Source').type('prometheus'))
  if (variables === undefined) return
  const { metric, job, labels } = variables
  for (const [index, label] of labels.entries()) {
    // each variable narrows those after it
    const series = index === 0 ? metric : select(metric, chosen(...labels.slice(0, index)))
    const variable = new QueryVariableBuilder(label)
      .label(LABEL_NAMES[label])
      .datasource(DATASOURCE)
      .query(`label_values(${series}, ${label})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .multi(true)
      .allValue(allValueOf(label))
    if (CLUSTER_LABELS.includes(label)) variable.hide(VariableHide.InControlsMenu)
    // no "All" for the job: `up{job=~".+"}` would count the exporters as replicas
    if (label === 'job') variable.includeAll(false).current({ text: [job], value: [job] })
    else variable.includeAll(true).current({ text: ['All'], value: ['$__all'] }) // what Grafana writes for "All"
    dashboard.withVariable(variable)
  }
}

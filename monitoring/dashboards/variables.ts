import {
  type DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { select } from '../rule.ts'
import { JOBS } from '../targets.ts'

/** The data source that a dashboard's variable `datasource` chooses. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** A choice of any number of values of a label, read anew whenever the time range changes. */
const choice = (name: string, label: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .allValue('.+')

/** Adds the variables that every query of the service uses: which Prometheus, which jobs, which replicas. */
export function withVariables(dashboard: DashboardBuilder): DashboardBuilder {
  const requests = catalogue.requests.name
  const ofJob = select(requests, { job: '=~$job' })
  return dashboard
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data Source').type('prometheus'))
    .withVariable(
      choice('job', 'Job', `label_values(${requests}, job)`)
        .includeAll(false) // `.+` of `up` would count the exporters as replicas
        .current({ text: [JOBS.service], value: [JOBS.service] }),
    )
    .withVariable(
      choice('instance', 'Instance', `label_values(${ofJob}, instance)`)
        .includeAll(true)
        .current({ text: ['All'], value: ['$__all'] }), // what Grafana writes for "All"
    )
}

import { DASHBOARDS } from '../rule.ts'
import { JOBS } from '../targets.ts'
import * as alerts from './content/alerts.ts'
import * as load from './content/load.ts'
import * as node from './content/node.ts'
import { dashboard } from './dashboard.ts'
import { node as nodes } from './expressions/node.ts'
import { SERVICE } from './variables.ts'

/** A load by k6 beside what the service says of it: a drill as it happens, or afterwards. */
export const loadDashboard = () => {
  const of = nodes({ job: JOBS.node })
  return dashboard({
    uid: DASHBOARDS.load,
    title: 'Tipping Point: load tests and drills',
    description: 'What k6 sends, what comes back, and what the service, its replicas and the node make of it.',
    choices: { ...SERVICE, labels: ['job', 'instance'] },
    rows: {
      Load: [load.throughput(), load.latency(), load.failed(), load.waiting(), load.probe()],
      Replicas: [load.byReplica(), load.replicas()],
      Alerts: [alerts.timeline()],
      'Whether the machine was the limit': [node.cpu(of), node.load(of), node.memory(of), node.cpuByMode(of)],
    },
  })
}

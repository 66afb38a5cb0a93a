import { DASHBOARDS } from '../rule.ts'
import { JOBS } from '../targets.ts'
import * as alerts from './content/alerts.ts'
import * as node from './content/node.ts'
import * as service from './content/service.ts'
import { dashboard } from './dashboard.ts'
import { node as nodes } from './expressions/node.ts'
import { SERVICE } from './variables.ts'

/** The service, the nodes and the alerts at a glance. */
export const overview = () =>
  dashboard({
    uid: DASHBOARDS.overview,
    title: 'Tipping Point',
    description: 'Whether the service answers, how fast, and what its nodes have left.',
    choices: SERVICE,
    rows: {
      Service: [
        ...service.glance(),
        service.requests(),
        service.failed(),
        service.latency(),
        service.inFlight(),
        service.exceptions(),
        service.replicas(),
      ],
      Node: node.basics(nodes({ job: JOBS.node })),
      Alerts: [alerts.timeline()],
    },
  })

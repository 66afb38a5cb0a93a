import { DASHBOARDS } from '../rule.ts'
import * as saturation from './content/saturation.ts'
import * as service from './content/service.ts'
import { dashboard } from './dashboard.ts'
import { SERVICE } from './variables.ts'

/** Rate, errors, duration (RED), and then what is full; by replica. */
export const serviceDashboard = () =>
  dashboard({
    uid: DASHBOARDS.service,
    title: 'Tipping Point: service',
    description: 'What the service does, what goes wrong, how long it takes, and what it runs out of, by replica.',
    choices: SERVICE,
    rows: {
      'At a glance': service.glance(),
      Rate: [service.requests(), service.requestsByRoute(), service.requestsByReplica()],
      Errors: [service.failed(), service.failedByRoute(), service.exceptions()],
      Duration: [service.latency(), service.latencyByReplica(), service.durations()],
      Saturation: [service.inFlight(), saturation.eventLoopLag(), service.replicas()],
      Processes: [saturation.cpu(), saturation.memory(), saturation.openFiles()],
      'Pods (on a cluster)': [saturation.podCPU(), saturation.throttled(), saturation.podMemory(), service.restarts()],
    },
  })

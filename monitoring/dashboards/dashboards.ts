import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { DASHBOARDS } from '../rule.ts'
import { EXPORTERS, JOBS } from '../targets.ts'
import * as alerts from './content/alert-panels.ts'
import * as load from './content/load-panels.ts'
import * as node from './content/node-panels.ts'
import { ownRows } from './content/own-panels.ts'
import * as replica from './content/replica-panels.ts'
import * as service from './content/service-panels.ts'
import * as slo from './content/slo-panels.ts'
import { dashboard } from './dashboard.ts'
import { chosen, type Variables } from './dashboard-variables.ts'

const SERVICE = {
  metric: catalogue.requests.name,
  job: JOBS.service,
  labels: ['job', 'namespace', 'pod', 'instance'],
} as const satisfies Variables

const { title } = SERVICE_CONFIG

/** All nodes, on dashboards whose variables select replicas. */
const ALL_NODES = { job: JOBS.node }
const CHOSEN_NODES = chosen('job', 'instance')

/** Figures for a phone, too: what is wrong comes first. */
const glance = [
  alerts.firingCount,
  service.failedCount,
  service.latencyFigure,
  service.requestCount,
  service.exceptionCount,
  replica.replicaCount,
]
const answers = [service.requestsByStatus, service.failedRatio, service.latency]

const overview = dashboard({
  uid: DASHBOARDS.overview,
  title,
  description: 'Does the service answer, how fast, and what do its nodes have left?',
  variables: SERVICE,
  areas: ['service'],
  rows: {
    '': [glance, answers],
    Nodes: [[node.cpu, node.memory, node.storageRatio, node.storage].map(panel => panel(ALL_NODES))],
    Alerts: [[alerts.timeline]],
    Details: [[service.inFlight, service.exceptionsByType, replica.replicas]],
  },
})

/** The RED method (rate, errors, duration), then saturation, by route and replica. */
const serviceDashboard = dashboard({
  uid: DASHBOARDS.service,
  title: `${title}: service`,
  description:
    'How many requests does the service answer, how many fail, how long do they take, and what is saturated?',
  variables: SERVICE,
  areas: ['service', 'workload'],
  rows: {
    '': [glance, answers],
    Saturation: [[service.inFlight, replica.eventLoopLag, replica.cpu]],
    ...ownRows,
    Routes: [[service.requestsByRoute, service.failedByRoute, service.durations]],
    Replicas: [
      [service.requestsByReplica, service.latencyByReplica, replica.replicas],
      [replica.memory, replica.openFiles, service.exceptionsByType],
    ],
  },
  closedRows: {
    'Pods (in a cluster)': [[replica.podCPU, replica.throttled, replica.podMemory, replica.restarts]],
  },
})

const sloDashboard = dashboard({
  uid: DASHBOARDS.slo,
  title: `${title}: objectives`,
  description: 'Are the objectives met, what is left of the error budgets, and which requests spent them?',
  from: 'now-6h', // the shortest window of the slow burn alert
  variables: { ...SERVICE, labels: ['job'] },
  areas: ['service'],
  rows: {
    '': [
      [slo.availabilityBudget, slo.latencyBudget, slo.availabilityFigure, slo.inTimeFigure],
      [slo.fastBurn, slo.slowBurn],
    ],
    'Requests that spent the budgets': [
      [slo.failedByRoute, slo.lateByRoute],
      [slo.bad, slo.burn],
    ],
  },
})

/** The USE method: utilisation, saturation and errors of each resource. */
const nodeDashboard = dashboard({
  uid: DASHBOARDS.node,
  title: `${title}: nodes`,
  description: 'How much CPU, memory, storage and network does each node use, and which of them is saturated?',
  from: 'now-1h',
  variables: { metric: EXPORTERS.nodeLoad, job: JOBS.node, labels: ['job', 'instance'] },
  areas: ['node'],
  rows: {
    '': [[node.cpu, node.memory, node.storageRatio, node.network].map(panel => panel(CHOSEN_NODES))],
    Saturation: [[node.load, node.majorFaults, node.diskBusy, node.pressure].map(panel => panel(CHOSEN_NODES))],
    Details: [[node.cpuByMode, node.memoryAvailable, node.storage, node.inodes].map(panel => panel(CHOSEN_NODES))],
  },
})

const loadDashboard = dashboard({
  uid: DASHBOARDS.load,
  title: `${title}: load tests and drills`,
  description: 'What does k6 send, what does it get back, and how do the service, its replicas and the nodes cope?',
  variables: SERVICE,
  areas: ['service'],
  rows: {
    '': [
      [load.throughput, load.latency, load.failed],
      [load.waiting, load.byReplica, replica.replicas, node.cpu(ALL_NODES)],
    ],
    Alerts: [[alerts.timeline]],
    'Was the machine the limit?': [
      [load.probe, ...[node.load, node.memory, node.cpuByMode].map(panel => panel(ALL_NODES))],
    ],
  },
})

const alertsDashboard = dashboard({
  uid: DASHBOARDS.alerts,
  title: `${title}: alerts`,
  description: 'Which alerts fire and fired, since when, and do notifications arrive?',
  from: 'now-1h',
  areas: ['pipeline'],
  rows: {
    '': [[alerts.states, alerts.deliveries], [alerts.timeline]],
    'Monitoring stack': [[alerts.failing, alerts.alertmanagers], [alerts.targets]],
  },
})

/**
 * Every dashboard by the name of its file without `.json`, in Grafana's Classic JSON: the only format that Grafana 13
 * reads from files. Do not export dashboards from Grafana's pages: they write another format.
 */
export const dashboards: ReadonlyMap<string, Dashboard> = new Map([
  ['overview', overview],
  ['service', serviceDashboard],
  ['slo', sloDashboard],
  ['node', nodeDashboard],
  ['load', loadDashboard],
  ['alerts', alertsDashboard],
])

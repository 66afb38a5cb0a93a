import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { DASHBOARDS } from '../rule.ts'
import { EXPORTERS, JOBS } from '../targets.ts'
import * as alerts from './content/alert-panels.ts'
import * as load from './content/load-panels.ts'
import * as node from './content/node-panels.ts'
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

/** All nodes, on dashboards whose variables select replicas. */
const ALL_NODES = { job: JOBS.node }
const CHOSEN_NODES = chosen('job', 'instance')

const glance = [service.requestCount, service.failedCount, service.exceptionCount, service.latencyFigure]

const overview = dashboard({
  uid: DASHBOARDS.overview,
  title: 'Tipping Point',
  description: 'Does the service answer, how fast, and what do its nodes have left?',
  variables: SERVICE,
  rows: {
    Service: [
      ...glance,
      service.requestsByStatus,
      service.failedRatio,
      service.latency,
      service.inFlight,
      service.exceptionsByType,
      replica.replicas,
    ],
    Node: [node.cpu, node.memory, node.storage, node.storageRatio].map(panel => panel(ALL_NODES)),
    Alerts: [alerts.timeline],
  },
})

/** The RED method (rate, errors, duration), then saturation, by replica. */
const serviceDashboard = dashboard({
  uid: DASHBOARDS.service,
  title: 'Tipping Point: service',
  description:
    'How many requests does the service answer, how many fail, how long do they take, and what is saturated?',
  variables: SERVICE,
  rows: {
    'At a glance': glance,
    Rate: [service.requestsByStatus, service.requestsByRoute, service.requestsByReplica],
    Errors: [service.failedRatio, service.failedByRoute, service.exceptionsByType],
    Duration: [service.latency, service.latencyByReplica, service.durations],
    Saturation: [service.inFlight, replica.eventLoopLag, replica.replicas],
    Processes: [replica.cpu, replica.memory, replica.openFiles],
    'Pods (in a cluster)': [replica.podCPU, replica.throttled, replica.podMemory, replica.restarts],
  },
})

const sloDashboard = dashboard({
  uid: DASHBOARDS.slo,
  title: 'Tipping Point: objectives',
  description: 'Are the objectives met, what is left of the error budgets, and which requests spent them?',
  from: 'now-6h', // the shortest window of the slow burn alert
  variables: { ...SERVICE, labels: ['job'] },
  rows: {
    Budgets: [slo.availabilityBudget, slo.latencyBudget, slo.availabilityFigure, slo.inTimeFigure],
    Alerts: [slo.fastBurn, slo.slowBurn],
    Burn: [slo.burn, slo.bad],
    'Requests that spent the budgets': [slo.failedByRoute, slo.lateByRoute],
  },
})

/** The USE method: utilisation, saturation and errors of each resource. */
const nodeDashboard = dashboard({
  uid: DASHBOARDS.node,
  title: 'Tipping Point: nodes',
  description: 'How much CPU, memory, storage and network does each node use, and which of them is saturated?',
  from: 'now-1h',
  variables: { metric: EXPORTERS.nodeLoad, job: JOBS.node, labels: ['job', 'instance'] },
  rows: {
    CPU: [node.cpu, node.cpuByMode, node.load].map(panel => panel(CHOSEN_NODES)),
    Memory: [node.memory, node.memoryAvailable, node.majorFaults].map(panel => panel(CHOSEN_NODES)),
    Storage: [node.storage, node.storageRatio, node.inodes, node.diskBusy].map(panel => panel(CHOSEN_NODES)),
    'Network and pressure': [node.network, node.pressure].map(panel => panel(CHOSEN_NODES)),
  },
})

const loadDashboard = dashboard({
  uid: DASHBOARDS.load,
  title: 'Tipping Point: load tests and drills',
  description: 'What does k6 send, what does it get back, and how do the service, its replicas and the nodes cope?',
  variables: { ...SERVICE, labels: ['job', 'instance'] },
  rows: {
    Load: [load.throughput, load.latency, load.failed, load.waiting, load.probe],
    Replicas: [load.byReplica, load.replicas],
    Alerts: [alerts.timeline],
    'Was the machine the limit?': [node.cpu, node.load, node.memory, node.cpuByMode].map(panel => panel(ALL_NODES)),
  },
})

const alertsDashboard = dashboard({
  uid: DASHBOARDS.alerts,
  title: 'Tipping Point: alerts',
  description: 'Which alerts fire and fired, when was each last active, and do notifications arrive?',
  from: 'now-1h',
  rows: {
    State: [alerts.timeline, alerts.firing, alerts.lastActive],
    Delivery: [alerts.delivered, alerts.failing, alerts.alertmanagers, alerts.targets],
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

import { catalogue } from '../src/telemetry/catalogue.ts'
import { select } from './rule.ts'
import { disks } from './rules/node-rules.ts'
import { EXPORTERS, JOBS } from './targets.ts'

const { requests, exceptions } = catalogue
const service = { job: JOBS.service }
const idle = select(EXPORTERS.nodeCPU, { job: JOBS.node, mode: '=~idle|iowait' })
const node = (metric: string) => select(metric, { job: JOBS.node })

/** PromQL queries of the six basic figures. A test compares them with those in docs/reference/metrics.md. */
export const BASICS = {
  'total requests': `sum(increase(${select(requests.name, service)}[5m]))`,
  'failed requests': `sum(increase(${select(requests.name, { ...service, [requests.labels.status]: '=~5..' })}[5m]))`,
  'number of exceptions': `sum(increase(${select(exceptions.name, service)}[5m]))`,
  'CPU usage of the node': `1 - avg by (instance) (sum without (mode) (rate(${idle}[5m])))`,
  'memory usage of the node': `1 - ${node(EXPORTERS.nodeMemoryAvailable)} / ${node(EXPORTERS.nodeMemoryTotal)}`,
  'available storage of the node': `min by (instance, device) (${select(EXPORTERS.nodeFilesystemAvailable, disks)})`,
} as const

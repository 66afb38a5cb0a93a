import { DASHBOARDS } from '../rule.ts'
import * as content from './content/node.ts'
import { dashboard } from './dashboard.ts'
import { node } from './expressions/node.ts'
import { NODES } from './variables.ts'

/** Utilisation, saturation and errors (USE) of what a node has. */
export const nodeDashboard = () => {
  const of = node({ job: '=~$job', instance: '=~$instance' })
  return dashboard({
    uid: DASHBOARDS.node,
    title: 'Tipping Point: nodes',
    description: 'How much of its CPU, memory, storage and network each node uses, and what waits for them.',
    from: 'now-1h',
    choices: NODES,
    rows: {
      CPU: [content.cpu(of), content.cpuByMode(of), content.load(of)],
      Memory: [content.memory(of), content.memoryAvailable(of), content.majorFaults(of)],
      Storage: [content.storage(of), content.storageRatio(of), content.inodes(of), content.diskBusy(of)],
      'Network and pressure': [content.network(of), content.pressure(of)],
    },
  })
}

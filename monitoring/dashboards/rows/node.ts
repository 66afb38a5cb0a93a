import { BytesIEC, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { BOUNDS } from '../../objectives.ts'
import { node } from '../expressions.ts'
import { graph, percent } from '../panels.ts'

/** What the nodes have left: CPU, memory and storage. */
export const nodePanels = () => [
  graph({
    title: 'CPU usage',
    description: `Share of the node's CPU time in use. NodeCPUHigh fires above ${percent(BOUNDS.nodeCPU)}; the load generator may be what uses it.`,
    unit: PercentUnit,
    queries: { '{{instance}}': node.cpu },
    max: 1,
    bound: { above: BOUNDS.nodeCPU },
    width: 6,
  }),
  graph({
    title: 'Memory usage',
    description: `Share of the node's memory that cannot be had for new work. NodeMemoryHigh fires above ${percent(BOUNDS.nodeMemory)}.`,
    unit: PercentUnit,
    queries: { '{{instance}}': node.memory },
    max: 1,
    bound: { above: BOUNDS.nodeMemory },
    width: 6,
  }),
  graph({
    title: 'Available storage',
    description:
      'What is left on each writable device. A steady fall is a log or a data folder that nobody trims; the share says when it matters.',
    unit: BytesIEC,
    queries: { '{{instance}} {{device}}': node.storage },
    width: 6,
  }),
  graph({
    title: 'Available storage, share',
    description: `What is left on each writable device, of its size. NodeStorageLow fires below ${percent(BOUNDS.nodeStorage)}, the dashed line.`,
    unit: PercentUnit,
    queries: { '{{instance}} {{device}}': node.storageRatio },
    max: 1,
    bound: { below: BOUNDS.nodeStorage },
    width: 6,
  }),
]

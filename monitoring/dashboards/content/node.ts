import { BytesIEC, BytesPerSecondIEC, CountsPerSecond, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { BOUNDS, PREDICTION } from '../../objectives.ts'
import type { node } from '../expressions/node.ts'
import { graph, percent } from '../panels.ts'

/** PromQL about some nodes. */
type Node = ReturnType<typeof node>

/** What the nodes have left: CPU, memory and storage. */
export const basics = (of: Node) => [cpu(of), memory(of), storage(of), storageRatio(of)]

export const cpu = (of: Node) =>
  graph({
    title: 'CPU usage',
    description: `Share of the node's CPU time in use. NodeCPUHigh fires above ${percent(BOUNDS.nodeCPU)}; the load generator may be what uses it.`,
    unit: PercentUnit,
    queries: { '{{instance}}': of.cpu },
    max: 1,
    bound: { above: BOUNDS.nodeCPU },
    width: 6,
  })

export const cpuByMode = (of: Node) =>
  graph({
    title: 'CPU usage by mode',
    description:
      'What the CPU time is used for, as a share of all nodes together. Much `system` is the kernel (network, new processes), any `steal` is another machine on the same host.',
    unit: PercentUnit,
    queries: { '{{mode}}': of.cpuByMode },
    max: 1,
    width: 6,
  })

export const load = (of: Node) =>
  graph({
    title: 'Load for each CPU',
    description: `Processes that run or wait, for each CPU, on average of a minute: above 1 some wait. NodeLoadHigh fires above ${BOUNDS.nodeLoad}.`,
    unit: Short,
    queries: { '{{instance}}': of.load },
    bound: { above: BOUNDS.nodeLoad },
    width: 6,
  })

export const memory = (of: Node) =>
  graph({
    title: 'Memory usage',
    description: `Share of the node's memory that cannot be had for new work. NodeMemoryHigh fires above ${percent(BOUNDS.nodeMemory)}.`,
    unit: PercentUnit,
    queries: { '{{instance}}': of.memory },
    max: 1,
    bound: { above: BOUNDS.nodeMemory },
    width: 6,
  })

export const memoryAvailable = (of: Node) =>
  graph({
    title: 'Available memory',
    description:
      'Memory that can be had for new work, caches that can be dropped included. Compare it with what the next pod asks for.',
    unit: BytesIEC,
    queries: { '{{instance}}': of.memoryAvailable },
    width: 6,
  })

export const majorFaults = (of: Node) =>
  graph({
    title: 'Major page faults',
    description:
      'Pages a second that had to be read from a disk. A start reads some; a rate that stays is memory that is too small for what runs.',
    unit: CountsPerSecond,
    queries: { '{{instance}}': of.majorFaults },
    width: 6,
  })

export const storage = (of: Node) =>
  graph({
    title: 'Available storage',
    description: `What is left on each writable device. A steady fall is a log or a data folder that nobody trims; NodeStorageFillingUp fires where at the pace of ${PREDICTION.from} nothing would be left in ${PREDICTION.ahead}.`,
    unit: BytesIEC,
    queries: { '{{instance}} {{device}}': of.storage },
    width: 6,
  })

export const storageRatio = (of: Node) =>
  graph({
    title: 'Available storage, share',
    description: `What is left on each writable device, of its size. NodeStorageLow fires below ${percent(BOUNDS.nodeStorage)}, the dashed line, and NodeStorageAlmostFull below ${percent(BOUNDS.nodeStorageLast)}.`,
    unit: PercentUnit,
    queries: { '{{instance}} {{device}}': of.storageRatio },
    max: 1,
    bound: { below: BOUNDS.nodeStorage },
    width: 6,
  })

export const inodes = (of: Node) =>
  graph({
    title: 'Free inodes, share',
    description: `Inodes that are free on each writable device, of all: without one no file can be made. NodeInodesLow fires below ${percent(BOUNDS.nodeInodes)}.`,
    unit: PercentUnit,
    queries: { '{{instance}} {{device}}': of.inodes },
    max: 1,
    bound: { below: BOUNDS.nodeInodes },
    width: 6,
  })

export const diskBusy = (of: Node) =>
  graph({
    title: 'Disk time in use',
    description:
      'Share of the time in which each disk had something to do. Near 100% a spinning disk is at its end; one that does many things at once may still do more.',
    unit: PercentUnit,
    queries: { '{{instance}} {{device}}': of.diskBusy },
    max: 1,
    width: 6,
  })

export const network = (of: Node) =>
  graph({
    title: 'Network',
    description:
      'Bytes a second to and from other machines. Compare it with what the link can do; a fall to 0 under load is a node that nobody reaches.',
    unit: BytesPerSecondIEC,
    queries: { '{{instance}} received': of.received, '{{instance}} sent': of.sent },
    width: 12,
  })

export const pressure = (of: Node) =>
  graph({
    title: 'Pressure',
    description:
      'Share of the time in which something had to wait for CPU, memory or a disk, as the kernel counts it (PSI). Any for memory is bad; for CPU it rises before anything else does.',
    unit: PercentUnit,
    queries: {
      '{{instance}} CPU': of.pressure.cpu,
      '{{instance}} memory': of.pressure.memory,
      '{{instance}} disk': of.pressure.io,
    },
    max: 1,
    width: 12,
  })

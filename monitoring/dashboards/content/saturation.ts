import { BytesIEC, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { BOUNDS } from '../../objectives.ts'
import { service } from '../expressions/service.ts'
import { graph, percent } from '../panels.ts'

export const eventLoopLag = () =>
  graph({
    title: 'Event loop lag, 99th percentile',
    description: `How long work waits for the event loop, in the worst moment of a hundred. EventLoopSaturated fires above ${BOUNDS.eventLoopLag} s: something calculates without a pause, and all requests of the replica wait.`,
    unit: Seconds,
    queries: { '{{instance}}': service.eventLoopLag },
    bound: { above: BOUNDS.eventLoopLag },
    width: 8,
  })

export const cpu = () =>
  graph({
    title: 'CPU of the process',
    description:
      'CPU cores in use, by replica. JavaScript has one thread: near 1 (or the limit of its pod) a replica is at its end, and more of them are what helps.',
    unit: Short,
    queries: { '{{instance}}': service.cpu },
    width: 8,
  })

export const memory = () =>
  graph({
    title: 'Memory of the process',
    description:
      'Resident memory, by replica. It climbs after a start and levels off; one that climbs for hours without more load leaks.',
    unit: BytesIEC,
    queries: { '{{instance}}': service.memory },
    width: 8,
  })

export const openFiles = () =>
  graph({
    title: 'Open files, share',
    description:
      'File descriptors in use, of those that the process may open. Each connection is one: a rise without more requests is a leak, near 100% no client gets in.',
    unit: PercentUnit,
    queries: { '{{instance}}': service.openFiles },
    max: 1,
    width: 8,
  })

export const podCPU = () =>
  graph({
    title: 'CPU of the pods, of their limit',
    description:
      'CPU time in use, of what the limit allows. Near 100% the container is stopped for a part of each period; the next graph shows how often.',
    unit: PercentUnit,
    queries: { '{{pod}}': service.pods.cpu },
    width: 8,
  })

export const throttled = () =>
  graph({
    title: 'Throttled periods, share',
    description: `Share of the CPU periods in which a container used up its limit and stood still. CPUThrottled fires above ${percent(BOUNDS.throttled)}.`,
    unit: PercentUnit,
    queries: { '{{pod}}': service.pods.throttled },
    max: 1,
    bound: { above: BOUNDS.throttled },
    width: 8,
  })

export const podMemory = () =>
  graph({
    title: 'Memory of the pods, of their limit',
    description:
      'Memory that cannot be taken back, of the limit. At 100% the kernel kills the container: ContainerOOMKilled tells of it.',
    unit: PercentUnit,
    queries: { '{{pod}}': service.pods.memory },
    max: 1,
    width: 8,
  })

import { PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { BOUNDS } from '../../objectives.ts'
import { load } from '../expressions/load.ts'
import { graph } from '../panels.ts'

export const throughput = () =>
  graph({
    title: 'Sent and answered',
    description:
      'Requests a second that k6 sends, and that the service answers with success. Where the lines part, the rest waits or fails: the tipping point. Until new replicas are scraped, less seems to be answered.',
    unit: RequestsPerSecond,
    queries: { 'sent by k6': load.sent, answered: load.answered },
    width: 12,
  })

export const latency = () =>
  graph({
    title: 'Latency of clients and of the service, 95th percentile',
    description: `What k6 waits and what the service says itself, queueing included. They should be close; a client that waits longer waits before the service sees it. HighLatency fires above ${BOUNDS.latency} s.`,
    unit: Seconds,
    queries: { client: load.latency.client, service: load.latency.own },
    bound: { above: BOUNDS.latency },
    width: 12,
  })

export const failed = () =>
  graph({
    title: 'Failed for the client, share',
    description:
      'Share of what k6 sent that was not answered with success in time: failures, timeouts, refused connections. The service cannot count the ones that never reach it.',
    unit: PercentUnit,
    queries: { failed: load.failed },
    colors: { failed: 'red' },
    max: 1,
    bound: { above: BOUNDS.errorRatio },
    width: 8,
  })

export const waiting = () =>
  graph({
    title: 'Clients and requests in flight',
    description:
      "k6's virtual users, and the requests that the service holds. Both climb while more is sent than answered; at k6's own limit it sends less, and its summary counts what it dropped.",
    unit: Short,
    queries: { 'virtual users': load.clients, 'in flight': load.inFlight },
    width: 8,
  })

export const probe = () =>
  graph({
    title: 'The probe beside the load',
    description: `How long the outside probe waits for a trivial answer. ServiceUnresponsive fires above ${BOUNDS.probeDuration} s, or where it gets none.`,
    unit: Seconds,
    queries: { probe: load.probe },
    bound: { above: BOUNDS.probeDuration },
    width: 8,
  })

export const byReplica = () =>
  graph({
    title: 'Answered by each replica',
    description:
      'Requests a second that each replica answers with success. As the load passes, twice the replicas should do nearly twice as much.',
    unit: RequestsPerSecond,
    queries: { '{{instance}}': load.answeredByReplica },
    width: 12,
  })

export const replicas = () =>
  graph({
    title: 'Replicas that answer scrapes',
    description:
      'How many replicas Prometheus knows and reaches; a new one counts from its first scrape. A step is a scale, a dip a crash or a restart.',
    unit: Short,
    queries: { replicas: load.replicas },
    width: 12,
  })

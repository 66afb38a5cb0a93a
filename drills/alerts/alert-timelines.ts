import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import type { Answer, PrometheusClient } from '../../lib/prometheus.ts'
import { type Alert, select } from '../../monitoring/rule.ts'
import type { AlertState, AlertTimeline, Detection } from '../overload/overload-result.ts'

type Span = AlertTimeline['spans'][number]

/** Times of an overload, Unix time in seconds. */
export interface OverloadTimes {
  /** When the load generator was started, by the clock of the drill. */
  readonly started: number
  /** When the load began, by the clock of the load generator. */
  readonly begin: number
  readonly end: number
}

/** Samples that make the condition of an alert true. */
export interface Symptom {
  readonly selector: string
  readonly isBad: (value: number) => boolean
}

/** Start and end of the drill (Unix time in seconds) and the evaluation interval in seconds. */
type Window = Readonly<Record<'begin' | 'end' | 'evaluation', number>>

/**
 * The timelines of the expected alerts, then of all other alerts that were active in the window.
 * @param symptoms of the expected alerts, by alert
 */
export async function alertTimelines(
  prometheus: PrometheusClient,
  rules: readonly Alert[],
  symptoms: ReadonlyMap<string, readonly Symptom[]>,
  deliveries: readonly Delivery[],
  window: Window,
  overload?: OverloadTimes,
): Promise<AlertTimeline[]> {
  const timelines = await Promise.all(
    rules.map(async rule => {
      const answers = await prometheus.stored(statesQuery(rule.name), window.begin, window.end)
      const own = statusChanges(deliveries.filter(({ labels }) => labels.alertname === rule.name))
      const timeline = timelineOf(rule, answers, own, window)
      const symptom = symptoms.get(rule.name)
      if (symptom === undefined || overload === undefined) return { ...timeline, expected: symptom !== undefined }
      const detection = await detect(prometheus, timeline, symptom, overload)
      const resolved = timeline.states.findLast(({ state }) => state === 'resolved')?.at
      return { ...timeline, expected: true, detection, recovery: resolved && Math.max(0, resolved - overload.end) }
    }),
  )
  const shown = timelines.filter(({ expected, states }) => expected || states.some(({ state }) => state !== 'inactive'))
  return shown.sort((a, b) => Number(b.expected) - Number(a.expected))
}

/** The time of the first entry of a state, Unix time in seconds. */
export const first = (timeline: AlertTimeline, state: AlertState): number | undefined =>
  timeline.states.find(entry => entry.state === state)?.at

/** Prometheus records this series at each evaluation. */
const statesQuery = (name: string) => select('ALERTS', { alertname: name })

/**
 * Deliveries whose status differs from the delivery before. When a group changes, Alertmanager sends all alerts of the group
 * again. A "resolved" without an earlier "firing" belongs to an incident before these deliveries.
 */
export function statusChanges(deliveries: readonly Delivery[]): Delivery[] {
  const statuses = new Map<string, string>()
  return deliveries.filter(({ labels, status }) => {
    const alert = JSON.stringify(labels)
    const isNew = (statuses.get(alert) ?? 'resolved') !== status
    statuses.set(alert, status)
    return isNew
  })
}

/** The timeline from what Prometheus recorded and the receiver got. All series of the alert share one timeline. */
function timelineOf(
  { name, severity }: Alert,
  answers: readonly Answer[],
  deliveries: readonly Delivery[],
  { begin, evaluation }: Window,
): AlertTimeline {
  const spans = answers.flatMap(({ labels, samples }) =>
    spansOf(labels.alertstate as Span['state'], samples, evaluation),
  )
  const isActiveAtBegin = spans.some(span => span.begin < begin + evaluation)
  const cleared = spans.filter(({ state }) => state === 'firing').map(({ end }) => end)
  const states: { state: AlertState; at: number }[] = [
    ...(isActiveAtBegin ? [] : [{ state: 'inactive' as const, at: begin }]),
    ...spans.map(span => ({ state: span.state, at: span.begin })),
    ...(cleared.length > 0 ? [{ state: 'cleared' as const, at: Math.max(...cleared) }] : []),
    ...deliveries.map(({ status, at }) => ({ state: DELIVERY_STATES[status], at })),
  ]
  return {
    name,
    severity,
    expected: false,
    states: states.sort((a, b) => a.at - b.at),
    spans,
    runbook: deliveries[0]?.annotations.runbook_url ?? '',
    query: statesQuery(name),
  }
}

const DELIVERY_STATES = { firing: 'delivered', resolved: 'resolved' } as const

/** Joins the samples of consecutive evaluations; a missing sample ends the span. */
function spansOf(state: Span['state'], samples: Answer['samples'], evaluation: number): Span[] {
  const spans: { state: Span['state']; begin: number; end: number }[] = []
  for (const [at] of samples) {
    const span = spans.at(-1)
    if (span !== undefined && at <= span.end + evaluation / 2) span.end = at + evaluation
    else spans.push({ state, begin: at, end: at + evaluation })
  }
  return spans
}

/** The time from the overload to the delivery, in parts. Returns undefined when the alert did not go through all states. */
async function detect(
  prometheus: PrometheusClient,
  timeline: AlertTimeline,
  symptoms: readonly Symptom[],
  { started, begin }: OverloadTimes,
): Promise<Detection | undefined> {
  // Each state after the one before: an alert that fired before the overload may be delivered again in between.
  const next = (state: AlertState, after: number | undefined) =>
    after && timeline.states.find(entry => entry.state === state && entry.at >= after)?.at
  const pending = next('pending', begin)
  const firing = next('firing', pending)
  const delivered = next('delivered', firing)
  if (pending === undefined || firing === undefined || delivered === undefined) return undefined

  const bad = await Promise.all(
    symptoms.map(async ({ selector, isBad }) => {
      const answers = await prometheus.stored(selector, begin, pending)
      return answers.flatMap(({ samples }) => samples.filter(([, value]) => isBad(value)).map(([time]) => time))
    }),
  )
  const sample = Math.min(...bad.flat())
  if (!Number.isFinite(sample)) return undefined
  return {
    parts: [
      { name: 'overload to first bad sample', seconds: sample - begin },
      { name: 'to pending', seconds: pending - sample },
      { name: 'to firing', seconds: firing - pending },
      { name: 'to delivered', seconds: delivered - firing },
    ],
    total: delivered - started,
  }
}

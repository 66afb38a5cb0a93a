import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import type { Answer, PrometheusClient } from '../../lib/prometheus.ts'
import type { Alert } from '../../monitoring/rule.ts'
import { select } from '../../monitoring/rule.ts'
import type { AlertLife, Detection } from '../overload/story.ts'

/** The life of an overload, in Unix time in seconds. */
export interface Overloaded {
  /** When the engine started the generator, by its own clock. */
  readonly started: number
  /** When the load began, by the generator's. */
  readonly begin: number
  readonly end: number
}

/** What makes an alert's condition true: the samples of a selector, and which of them are bad. */
export interface Symptom {
  readonly selector: string
  readonly isBad: (value: number) => boolean
}

/** The query of an alert's states: what Prometheus itself records at each evaluation. */
const statesOf = (name: string) => select('ALERTS', { alertname: name })

/**
 * The life of each alert that was active since `begin`, and of each expected one, active or not.
 * @param symptoms of the alerts that are expected, by name
 */
export async function alertLives(
  prometheus: PrometheusClient,
  rules: readonly Alert[],
  symptoms: ReadonlyMap<string, readonly Symptom[]>,
  deliveries: readonly Delivery[],
  window: { readonly begin: number; readonly end: number; readonly evaluation: number },
  overloaded: Overloaded | undefined,
): Promise<AlertLife[]> {
  const lives = await Promise.all(
    rules.map(async rule => {
      const answers = await prometheus.stored(statesOf(rule.name), window.begin, window.end)
      const own = changesOf(deliveries.filter(({ labels }) => labels.alertname === rule.name))
      const life = describe(rule, answers, own, window)
      const symptom = symptoms.get(rule.name)
      if (symptom === undefined) return life
      if (overloaded === undefined) return { ...life, expected: true }
      const detection = await detect(prometheus, life, symptom, overloaded)
      const resolved = last(life, 'resolved')
      return {
        ...life,
        expected: true,
        ...(detection && { detection }),
        ...(resolved !== undefined && { recovery: Math.max(0, resolved - overloaded.end) }),
      }
    }),
  )
  const told = lives.filter(({ expected, states }) => expected || states.some(({ state }) => state !== 'inactive'))
  return told.sort((a, b) => Number(b.expected) - Number(a.expected))
}

/**
 * The deliveries that tell something new: with each change of a group, Alertmanager tells of all its alerts again. An alert
 * that is resolved before it was told is of an incident before these.
 */
function changesOf(deliveries: readonly Delivery[]): Delivery[] {
  const told = new Map<string, string>()
  return deliveries.filter(({ labels, status }) => {
    const alert = JSON.stringify(labels)
    const isNew = (told.get(alert) ?? 'resolved') !== status
    told.set(alert, status)
    return isNew
  })
}

/** The time of the first state of a kind. */
export function first(life: AlertLife, state: AlertLife['states'][number]['state']): number | undefined {
  return life.states.find(entry => entry.state === state)?.at
}

function last(life: AlertLife, state: AlertLife['states'][number]['state']): number | undefined {
  return life.states.findLast(entry => entry.state === state)?.at
}

/** What Prometheus recorded and the receiver got of an alert; its targets are taken together. */
function describe(
  { name, severity }: Alert,
  answers: readonly Answer[],
  deliveries: readonly Delivery[],
  { begin, evaluation }: { readonly begin: number; readonly evaluation: number },
): AlertLife {
  const spans = answers.flatMap(({ labels, samples }) =>
    spansOf(labels.alertstate as 'pending' | 'firing', samples, evaluation),
  )
  const starts = spans.map(({ state, begin: at }) => ({ state, at }))
  const cleared = spans.filter(({ state }) => state === 'firing').map(({ end }) => end)
  const atFirst = spans.some(span => span.begin < begin + evaluation) ? [] : [{ state: 'inactive' as const, at: begin }]
  const states = [
    ...atFirst,
    ...starts,
    ...(cleared.length > 0 ? [{ state: 'cleared' as const, at: Math.max(...cleared) }] : []),
    ...deliveries.map(({ status, at }) => ({
      state: status === 'firing' ? ('delivered' as const) : ('resolved' as const),
      at,
    })),
  ]
  return {
    name,
    severity,
    expected: false,
    states: states.sort((a, b) => a.at - b.at),
    spans,
    runbook: deliveries[0]?.annotations.runbook_url ?? '',
    query: statesOf(name),
  }
}

/** Where samples follow each other at every evaluation; one that is missed ends a span. */
function spansOf(
  state: 'pending' | 'firing',
  samples: Answer['samples'],
  evaluation: number,
): AlertLife['spans'][number][] {
  const spans: { state: 'pending' | 'firing'; begin: number; end: number }[] = []
  for (const [at] of samples) {
    const span = spans.at(-1)
    if (span !== undefined && at <= span.end + evaluation / 2) span.end = at + evaluation
    else spans.push({ state, begin: at, end: at + evaluation })
  }
  return spans
}

/** From the overload to the delivery, part by part; undefined where a part is missing. */
async function detect(
  prometheus: PrometheusClient,
  life: AlertLife,
  symptoms: readonly Symptom[],
  { started, begin }: Overloaded,
): Promise<Detection | undefined> {
  // each after the one before: an alert that was firing before the overload may be told of again in between
  const next = (state: string, after: number | undefined) =>
    after === undefined ? undefined : life.states.find(entry => entry.state === state && entry.at >= after)?.at
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
  const times = [begin, sample, pending, firing, delivered]
  const names = ['overload to first bad sample', 'to pending', 'to firing', 'to delivered']
  return {
    parts: names.map((name, i) => ({ name, seconds: (times[i + 1] as number) - (times[i] as number) })),
    total: delivered - started,
  }
}

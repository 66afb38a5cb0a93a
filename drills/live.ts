import { select } from '../monitoring/rule.ts'
import { JOBS } from '../monitoring/targets.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import type { PrometheusClient } from './prometheus.ts'
import { quantile } from './series.ts'

/** Seconds between two lines. */
const EVERY = 5

/**
 * Tells the figures of the service as they move, and every change of an alert's state.
 * @param states of the alerts that were not inactive when it was last told of them; kept up to date
 * @returns ends it
 */
export function live(
  prometheus: PrometheusClient,
  rate: number,
  states: Map<string, string>,
  say: (line: string) => void,
): () => void {
  const begin = Date.now()
  let [lines, watching] = [0, true]

  async function look() {
    const time = Date.now() / 1000
    const [alerts, inFlight, latency] = await Promise.all([
      prometheus.instant(select('ALERTS', { alertname: '!=Watchdog' }), time),
      prometheus.instant(`sum(${select(catalogue.requestsInFlight.name, { job: JOBS.service })})`, time),
      prometheus.instant(quantile(0.95, catalogue.requestDuration.name, 15), time),
    ])
    const elapsed = (Date.now() - begin) / 1000
    const active = new Map(alerts.map(({ labels }) => [labels.alertname ?? '', labels.alertstate ?? '']))
    for (const name of new Set([...states.keys(), ...active.keys()])) {
      const [before, after] = [states.get(name) ?? 'inactive', active.get(name) ?? 'inactive']
      if (before !== after) say(`  ${elapsed.toFixed(0).padStart(3)} s  ${name}: ${before} → ${after}`)
      states.set(name, after)
    }
    if (elapsed < lines * EVERY) return
    lines++
    const p95 = latency[0]?.samples[0]?.[1]
    const own = p95 === undefined || Number.isNaN(p95) ? '–' : `${(p95 * 1000).toFixed(0)} ms`
    say(
      `  ${elapsed.toFixed(0).padStart(3)} s  ${rate}/s offered, ${inFlight[0]?.samples[0]?.[1] ?? '–'} in flight, own p95 ${own}`,
    )
  }
  const watch = async () => {
    for (; watching; await Bun.sleep(1000)) await look().catch(() => {}) // the drill itself finds out what is wrong
  }
  watch()
  return () => {
    watching = false
  }
}

import type { Progress } from '../../lib/progress.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import { select } from '../../monitoring/rule.ts'
import { JOBS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { quantile } from './read-series.ts'

/** Seconds of the client's latency that are looked at: several of the pushes that k6 makes each second. */
const CLIENT_WINDOW = 5

/** Milliseconds between two looks. */
const INTERVAL = 1000

const CLIENT_LATENCY = `histogram_quantile(0.95, sum(rate(${LOAD_METRICS.duration}[${CLIENT_WINDOW}s])))`

/** Follows the service and its alerts in Prometheus while load runs. */
export class Observer {
  readonly #prometheus: PrometheusClient
  readonly #progress: Progress
  /** Of the alerts that were pending or firing at the last look. */
  #states = new Map<string, string>()

  constructor(prometheus: PrometheusClient, progress: Progress) {
    this.#prometheus = prometheus
    this.#progress = progress
  }

  /** The state of an alert at the last look. */
  stateOf = (name: string): string => this.#states.get(name) ?? 'inactive'

  /** 95th percentile of the latency that clients see now, in seconds; undefined where they got no answer yet. */
  async clientLatency(): Promise<number | undefined> {
    const value = await this.#value(CLIENT_LATENCY).catch(() => undefined)
    return value !== undefined && Number.isFinite(value) ? value : undefined
  }

  /** Shows the figures of the service each second, and every change of an alert's state, until the returned function is called. */
  watch(): () => void {
    const began = Date.now()
    let watching = true
    const look = async () => {
      for (; watching; await Bun.sleep(INTERVAL)) {
        await this.#look((Date.now() - began) / 1000).catch(() => {}) // the drill itself finds out what is wrong
      }
    }
    look()
    return () => {
      watching = false
    }
  }

  async #look(elapsed: number): Promise<void> {
    const [alerts, inFlight, latency] = await Promise.all([
      this.#prometheus.instant(select('ALERTS', { alertname: '!=Watchdog' }), Date.now() / 1000),
      this.#value(`sum(${select(catalogue.requestsInFlight.name, { job: JOBS.service })})`),
      this.#value(quantile(0.95, catalogue.requestDuration.name, 15)),
    ])
    const active = new Map(alerts.map(({ labels }) => [labels.alertname ?? '', labels.alertstate ?? '']))
    for (const name of new Set([...this.#states.keys(), ...active.keys()])) {
      const [before, after] = [this.stateOf(name), active.get(name) ?? 'inactive']
      if (before !== after) this.#progress.say(`  ${elapsed.toFixed(0).padStart(3)} s  ${name}: ${before} → ${after}`)
    }
    this.#states = active
    const own = latency === undefined || Number.isNaN(latency) ? '–' : `${(latency * 1000).toFixed(0)} ms`
    this.#progress.now(`${inFlight ?? '–'} in flight, the service's own p95 ${own}`)
  }

  async #value(query: string): Promise<number | undefined> {
    const [answer] = await this.#prometheus.instant(query, Date.now() / 1000)
    return answer?.samples[0]?.[1]
  }
}

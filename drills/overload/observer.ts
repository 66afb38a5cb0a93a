import { every } from '../../lib/poll.ts'
import type { Progress } from '../../lib/progress.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import { select } from '../../monitoring/rule.ts'
import { SLO } from '../../monitoring/rules/slo-rules.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import type { Reception } from '../alerts/watch-deliveries.ts'
import { quantile } from './read-series.ts'

/** Window of the clients' latency in seconds: several pushes of k6, which pushes each second. */
const CLIENT_WINDOW = 5

const CLIENT_LATENCY = `histogram_quantile(0.95, sum(rate(${LOAD_METRICS.duration}[${CLIENT_WINDOW}s])))`

/** Observes the service and its alerts in Prometheus and at the receiver. */
export class Observer {
  readonly #prometheus: PrometheusClient
  readonly #progress: Progress
  readonly #deliveries: Reception['deliveries']
  readonly #expected: readonly string[]
  readonly #scrapeSeconds: number
  /** States of the active alerts when {@link watch} last asked. */
  #states = new Map<string, string>()

  /** @param expected names of the alerts that the drill must raise */
  constructor(
    prometheus: PrometheusClient,
    progress: Progress,
    deliveries: Reception['deliveries'],
    expected: readonly string[],
    scrapeSeconds: number,
  ) {
    this.#prometheus = prometheus
    this.#progress = progress
    this.#deliveries = deliveries
    this.#expected = expected
    this.#scrapeSeconds = scrapeSeconds
  }

  /** Latest known state of an alert in Prometheus. */
  stateOf = (name: string): string => this.#states.get(name) ?? 'inactive'

  /** Expected alerts that were not delivered as firing between two Unix times in seconds. */
  undelivered(from: number, to = Number.POSITIVE_INFINITY): string[] {
    const inTime = this.#deliveries.filter(({ status, at }) => status === 'firing' && at >= from && at <= to)
    return this.#expected.filter(name => !inTime.some(({ labels }) => labels.alertname === name))
  }

  /** Whether the last delivery of an expected alert was "firing". */
  isAnyDelivered(): boolean {
    return this.#expected.some(
      name => this.#deliveries.findLast(({ labels }) => labels.alertname === name)?.status === 'firing',
    )
  }

  /** Whether every job has a target, and every target of the jobs is up. Each node of a cluster has a target of its own. */
  async isScraped(): Promise<boolean> {
    const jobs = Object.values(JOBS)
    const up = await this.#prometheus.instant(select(EXPORTERS.up, { job: `=~${jobs.join('|')}` }), Date.now() / 1000)
    const found = new Set(up.map(({ labels }) => labels.job))
    return found.size === jobs.length && up.every(({ samples }) => samples[0]?.[1] === 1)
  }

  /**
   * Whether no alert of the service is pending, firing or delivered. Ignores alerts of the node, which other work can cause; of
   * error budgets, whose windows are hours long; and NoTraffic, which fires between two loads.
   */
  async isQuiet(): Promise<boolean> {
    if (this.isAnyDelivered()) return false
    const active = select('ALERTS', { area: 'service', alertname: '!=NoTraffic', [SLO]: '' })
    return (await this.#prometheus.instant(active, Date.now() / 1000)).length === 0
  }

  /** Clients' current 95th percentile of latency in seconds; undefined before the first answer. */
  async clientLatency(): Promise<number | undefined> {
    const value = await this.#value(CLIENT_LATENCY).catch(() => undefined)
    return value !== undefined && Number.isFinite(value) ? value : undefined
  }

  /** Prints figures of the service each second and every change of an alert's state. Returns a function that stops this. */
  watch(): () => void {
    const began = Date.now()
    return every(1, () => this.#look((Date.now() - began) / 1000)) // the drill's own queries report errors
  }

  async #look(elapsed: number): Promise<void> {
    const [alerts, inFlight, latency] = await Promise.all([
      this.#prometheus.instant(select('ALERTS', { alertname: '!=Watchdog' }), Date.now() / 1000),
      this.#value(`sum(${select(catalogue.requestsInFlight.name, { job: JOBS.service })})`),
      this.#value(quantile(0.95, catalogue.requestDuration.name, 3 * this.#scrapeSeconds)),
    ])
    const active = new Map(alerts.map(({ labels }) => [labels.alertname ?? '', labels.alertstate ?? '']))
    for (const name of new Set([...this.#states.keys(), ...active.keys()])) {
      const [before, after] = [this.stateOf(name), active.get(name) ?? 'inactive']
      if (before !== after) this.#progress.say(`  ${elapsed.toFixed(0).padStart(3)} s  ${name}: ${before} → ${after}`)
    }
    this.#states = active
    const own = latency === undefined || Number.isNaN(latency) ? '–' : `${(latency * 1000).toFixed(0)} ms`
    this.#progress.now(`${inFlight ?? '–'} requests in flight, 95th percentile by the service ${own}`)
  }

  async #value(query: string): Promise<number | undefined> {
    const [answer] = await this.#prometheus.instant(query, Date.now() / 1000)
    return answer?.samples[0]?.[1]
  }
}

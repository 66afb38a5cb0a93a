import { every } from '../../lib/poll.ts'
import type { PrometheusClient } from '../../lib/prometheus.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { SLO } from '../../monitoring/rules/slo-rules.ts'
import { EXPORTERS, JOBS, LOAD_METRICS } from '../../monitoring/targets.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { time } from '../report/figures.ts'
import type { OverloadOptions } from './overload-drill.ts'
import { quantile } from './read-series.ts'
import { symptomsOf } from './symptoms.ts'

/** The clients' latency over several pushes of k6, which pushes each second. */
const CLIENT_LATENCY = `histogram_quantile(0.95, sum(rate(${LOAD_METRICS.duration}[5s])))`

/** Observes the service and its alerts in Prometheus and at the receiver. */
export class Observer {
  readonly #prometheus: PrometheusClient
  readonly #options: OverloadOptions
  /** Names of the alerts that the drill must raise. */
  readonly #expected: readonly string[]
  /** States of the active alerts when {@link watch} last asked. */
  #states = new Map<string, string>()

  constructor(prometheus: PrometheusClient, options: OverloadOptions) {
    this.#prometheus = prometheus
    this.#options = options
    this.#expected = [...symptomsOf(options.profile, options.autoscaled).keys()]
  }

  /** Latest known state of an alert in Prometheus. */
  stateOf = (name: string): string => this.#states.get(name) ?? 'inactive'

  /** Expected alerts that were not delivered as firing between two Unix times in seconds. */
  undelivered(from: number, to = Number.POSITIVE_INFINITY): string[] {
    const { deliveries } = this.#options.receiver
    const inTime = deliveries.filter(({ status, at }) => status === 'firing' && at >= from && at <= to)
    return this.#expected.filter(name => !inTime.some(({ labels }) => labels.alertname === name))
  }

  /** Whether the last delivery of an expected alert was "firing". */
  isAnyDelivered(): boolean {
    const { deliveries } = this.#options.receiver
    const last = (name: string) => deliveries.findLast(({ labels }) => labels.alertname === name)
    return this.#expected.some(name => last(name)?.status === 'firing')
  }

  /**
   * Whether every job has a target, and every target of the jobs is up. Each node of a cluster has a target of its own, and a node
   * of GKE Autopilot none.
   */
  async isScraped(): Promise<boolean> {
    const jobs = Object.values(JOBS)
    const up = await this.#prometheus.instant(select(EXPORTERS.up, { job: `=~${jobs.join('|')}` }))
    const found = new Set(up.map(({ labels }) => labels.job))
    return jobs.every(job => found.has(job) || job === JOBS.node) && up.every(({ samples }) => samples[0]?.[1] === 1)
  }

  /**
   * Whether no alert of the service is pending, firing or delivered. Ignores alerts of the node, which other work can cause; of
   * error budgets, whose windows are hours long; and NoTraffic, which fires between two loads.
   */
  async isQuiet(): Promise<boolean> {
    if (this.isAnyDelivered()) return false
    const active = select('ALERTS', { area: '!~node|workload|pipeline', alertname: '!=NoTraffic', [SLO]: '' })
    return (await this.#prometheus.instant(active)).length === 0
  }

  /** Clients' current 95th percentile of latency in seconds; undefined before the first answer. */
  clientLatency = (): Promise<number | undefined> => this.#prometheus.value(CLIENT_LATENCY).catch(() => undefined)

  /** Prints figures of the service each second and every change of an alert's state. Returns a function that stops this. */
  watch(): () => void {
    const began = Date.now()
    return every(1, () => this.#look((Date.now() - began) / 1000)) // the drill's own queries report errors
  }

  async #look(elapsed: number): Promise<void> {
    const { profile, progress } = this.#options
    const window = 3 * secondsOf(profile.scrapeInterval)
    const [alerts, inFlight, latency] = await Promise.all([
      this.#prometheus.instant(select('ALERTS', { alertname: '!=Watchdog' })),
      this.#prometheus.value(`sum(${select(catalogue.requestsInFlight.name, { job: JOBS.service })})`),
      this.#prometheus.value(quantile(0.95, catalogue.requestDuration.name, window)),
    ])
    const active = new Map(alerts.map(({ labels }) => [labels.alertname ?? '', labels.alertstate ?? '']))
    for (const name of new Set([...this.#states.keys(), ...active.keys()])) {
      const [before, after] = [this.stateOf(name), active.get(name) ?? 'inactive']
      if (before !== after) progress.say(`  ${elapsed.toFixed(0).padStart(3)} s  ${name}: ${before} → ${after}`)
    }
    this.#states = active
    const own = latency === undefined ? '–' : time(latency)
    progress.now(`${inFlight ?? '–'} requests in flight, 95th percentile by the service ${own}`)
  }
}

import { poll } from '../../lib/poll.ts'
import type { Progress } from '../../lib/progress.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { failureOf } from '../../lib/user-error.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { Reception } from '../alerts/watch-deliveries.ts'
import { percent, replicasOf, time } from '../report/figures.ts'
import { DEMANDS, type DeliveryBounds, deliveryBounds, PHASES } from './bounds.ts'
import { measureCapacity } from './capacity.ts'
import { recordCPU } from './cpu-shortage.ts'
import { judge, type Observations } from './judge.ts'
import { Observer } from './observer.ts'
import { type Offer, offer } from './offer.ts'
import type { Capacity, LoadResult, OverloadResult, Phase } from './overload-result.ts'

export interface OverloadOptions {
  readonly platform: Platform
  /** Folder of the report and the files that the report names. */
  readonly folder: string
  readonly progress: Progress
  /** Aborts when the drill must end: a user stopped it, or a program of the stack ended. */
  readonly signal: AbortSignal
  readonly profile: Profile
  readonly receiver: Reception
  /** Replicas after the scale; the autoscaler's maximum when `autoscaled`. */
  readonly replicas: number
  readonly seed: number
  /** Whether the platform's autoscaler scales in place of the drill. */
  readonly autoscaled: boolean
}

/** Usual length in seconds of the steps whose length is not that of their load. */
const USUAL_SECONDS = { capacity: 12, monitoring: 8, scale: 4, warmUp: 10 }
/** Clients give up requests when their 95th percentile is this share of the timeout: histogram buckets are 9 % wide. */
const GIVEN_UP = 0.9
/** Below this latency in seconds, the blackbox probe succeeds and the service is not unresponsive. */
const TIPPED_LATENCY = 1
/** Seconds in which k6 starts, also on a busy machine. */
const K6_START_SECONDS = 4

/**
 * Offers a steady load, then an overload of one replica until the alerts are delivered, then the same load to more replicas
 * until the alerts are resolved. Does not throw when a step fails: the result has the `failure`.
 */
export const overloadDrill = (options: OverloadOptions): Promise<OverloadResult> => new OverloadDrill(options).run()

class OverloadDrill {
  readonly #options: OverloadOptions
  readonly #prometheus: PrometheusClient
  readonly #observer: Observer
  readonly #bounds: DeliveryBounds
  readonly #seen: Observations = { startedAt: now(), capacities: [], phases: [], marks: [] }
  #runs = 0

  constructor(options: OverloadOptions) {
    this.#options = options
    this.#prometheus = new PrometheusClient(() => options.platform.prometheus())
    this.#observer = new Observer(this.#prometheus, options)
    this.#bounds = deliveryBounds(options.profile)
  }

  async run(): Promise<OverloadResult> {
    const { signal, progress } = this.#options
    const cpu = recordCPU()
    try {
      await this.#runSteps()
    } catch (error) {
      this.#seen.failure = failureOf(error, signal)
    } finally {
      cpu.stop()
    }
    progress.end()
    return judge(this.#options, this.#prometheus, this.#seen, cpu.seconds)
  }

  async #runSteps(): Promise<void> {
    const { platform, autoscaled, replicas } = this.#options
    const one = await this.#measure(1)
    const many = autoscaled ? undefined : await this.#measure(replicas)
    if (!autoscaled) await platform.scale(1)
    await this.#startMonitoring()
    await this.#holdSteadyState(one)
    const rate = await this.#overload(one, many)
    if (rate === undefined) return
    if (!autoscaled) await this.#scale()
    const scaled = autoscaled ? ((await platform.status())?.replicas ?? 0) : replicas
    const title = `The same load: ${rate} requests/s on ${scaled} replicas`
    await this.#phase('scaled', title, scaled, { rate, duration: PHASES.scaled })
    await this.#awaitResolution()
  }

  async #measure(replicas: number): Promise<Capacity> {
    const { platform, progress } = this.#options
    progress.step(`Capacity of ${replicasOf(replicas)}`, USUAL_SECONDS.capacity)
    await platform.scale(replicas)
    const capacity = await measureCapacity(replicas, async (clients, duration) => {
      const load = await this.#offer(`capacity-${replicas}`, { clients, duration })
      progress.now(`${load.rate} requests/s answered, 95th percentile ${time(load.latency.p95)}`)
      return load
    })
    this.#seen.capacities.push(capacity)
    progress.say(`  at most ${capacity.rate} requests/s, the best of ${capacity.runs.length} runs`)
    return capacity
  }

  async #startMonitoring(): Promise<void> {
    const { platform, progress, signal } = this.#options
    progress.step('Start Prometheus, Alertmanager and the exporters', USUAL_SECONDS.monitoring)
    await platform.up({ attached: true, signal })
    const isReady = async () => (await this.#observer.isScraped()) && (await this.#observer.isQuiet())
    if (!(await poll(isReady, { timeoutSeconds: this.#bounds.resolved, signal })))
      throw new Error(
        `without load, an alert of the service is active or a target is down after ${this.#bounds.resolved} s; see make status`,
      )
    const problems = await this.#prometheus.ruleProblems()
    if (problems.length > 0) throw new Error(problems.join('; '))
  }

  async #holdSteadyState(one: Capacity): Promise<void> {
    const rate = Math.round(DEMANDS.steadyStateFactor * one.rate)
    const title = `Steady state: ${rate} requests/s on 1 replica`
    await this.#phase('steady state', title, 1, { rate, duration: PHASES.steadyState })
    await this.#awaitQuiet() // on a busy machine, the steady load can raise an alert
  }

  /** Waits until no alert of the service is active, so that the next load starts a new incident. */
  async #awaitQuiet(): Promise<void> {
    const { signal } = this.#options
    if (!(await poll(() => this.#observer.isQuiet(), { timeoutSeconds: this.#bounds.resolved, signal })))
      throw new Error(`an alert of the service is still active ${this.#bounds.resolved} s after the last load`)
  }

  /**
   * Offers an overload until its alerts are delivered; raises the rate while one replica carries the load. Returns the rate
   * that tipped the replica, or undefined when the next rate would be too much for all replicas.
   */
  async #overload(one: Capacity, many: Capacity | undefined): Promise<number | undefined> {
    const { platform, progress, autoscaled, replicas } = this.#options
    const { first, least } = DEMANDS.overloadFactor
    const most = many === undefined ? Number.POSITIVE_INFINITY : Math.ceil(DEMANDS.spare * many.rate)
    const carried: number[] = []
    if (autoscaled) await platform.autoscale(replicas)
    for (let rate = Math.max(Math.ceil(least * one.rate), Math.min(Math.ceil(first * one.rate), most)); ; ) {
      const after = await this.#offerOverload(rate)
      this.#seen.tipping = { rate, carried, after }
      if (after !== undefined) return rate
      const next = Math.ceil(DEMANDS.raise * rate)
      if (next > most) return undefined
      progress.say(`  one replica carries ${rate}/s: the rate is raised to ${next}/s`)
      carried.push(rate)
      this.#seen.phases.pop()
      await this.#awaitQuiet()
      rate = next
    }
  }

  /**
   * Offers a rate until the alerts are delivered or one replica proves to carry the load. Returns the seconds until clients
   * gave up requests, undefined when they did not. Throws when they did and an alert is not delivered in time.
   */
  async #offerOverload(rate: number): Promise<number | undefined> {
    const { autoscaled, signal } = this.#options
    const duration = autoscaled ? PHASES.autoscaled : this.#bounds.delivered + 5
    const end = new AbortController()
    const started = now()
    let tippedAt: number | undefined
    let isOver = false
    const title = `Overload: ${rate} requests/s on 1 replica${autoscaled ? ', scaled by the platform' : ''}`
    const loading = this.#phase('overload', title, 1, { rate, duration }, end.signal).finally(() => {
      isOver = true
    })
    loading.catch(() => {}) // awaited below, after the poll
    const isDecided = async () => {
      if (isOver) return true
      const latency = await this.#observer.clientLatency()
      if (latency === undefined || (autoscaled && tippedAt !== undefined)) return false
      const elapsed = now() - started
      if (latency >= GIVEN_UP * DEMANDS.requestTimeout) tippedAt ??= now()
      else if (latency < TIPPED_LATENCY) tippedAt = undefined
      if (tippedAt === undefined) return latency < TIPPED_LATENCY && elapsed > DEMANDS.tipped + K6_START_SECONDS
      return !autoscaled && this.#observer.undelivered(started).length === 0 && elapsed > PHASES.overloadLeast
    }
    await poll(isDecided, { timeoutSeconds: duration, signal })
    end.abort()
    const load = await loading
    this.#seen.overloaded = { started, begin: load.begin, end: load.end }
    if (tippedAt === undefined) return undefined
    const late = this.#observer.undelivered(load.begin, load.begin + this.#bounds.delivered)
    if (late.length === 0) return tippedAt - load.begin
    const states = late.map(name => `${name} (${this.#observer.stateOf(name)} in Prometheus)`).join(', ')
    throw new Error(`alerts not delivered within ${this.#bounds.delivered} s of the start of the overload: ${states}`)
  }

  /** Scales and warms the compilers of the new replicas: a cold start would decide the 95th percentile. */
  async #scale(): Promise<void> {
    const { platform, progress, replicas } = this.#options
    progress.step(`Scale from 1 to ${replicas} replicas`, USUAL_SECONDS.scale)
    await platform.scale(replicas)
    this.#seen.marks.push({ at: now(), label: `${replicas} replicas` })
    progress.step('Warm up the new replicas', USUAL_SECONDS.warmUp)
    await measureCapacity(replicas, (_, duration) => this.#offer('warm-up', { clients: replicas, duration }))
  }

  async #awaitResolution(): Promise<void> {
    const { progress, signal } = this.#options
    progress.step('Wait until the receiver is notified that the alerts are resolved')
    const timeoutSeconds = (this.#seen.phases.at(-1)?.end ?? now()) + this.#bounds.resolved - now()
    progress.now(`at most ${Math.ceil(timeoutSeconds)} s`)
    await poll(() => !this.#observer.isAnyDelivered(), { timeoutSeconds, signal })
  }

  /** Offers the load of a phase, shows figures of the service meanwhile, and adds the phase to the observations. */
  async #phase(
    name: Phase['name'],
    title: string,
    replicas: number,
    load: Pick<Offer, 'rate' | 'duration'>,
    end?: AbortSignal,
  ): Promise<LoadResult> {
    const { progress, autoscaled } = this.#options
    progress.step(title, name === 'overload' && !autoscaled ? PHASES.overloadLeast + 5 : load.duration)
    const stop = this.#observer.watch()
    const result = await this.#offer(name.replace(' ', '-'), load, end).finally(stop)
    const { rate, latency, failedRatio, dropped } = result
    const figures = `95th percentile ${time(latency.p95)}, ${percent(failedRatio)} failed, ${dropped} not sent by k6`
    progress.say(`  ${rate} requests/s, ${figures}`)
    this.#seen.phases.push({ name, title, begin: result.begin, end: result.end, replicas, load: result })
    return result
  }

  #offer(name: string, load: Omit<Offer, 'seed' | 'timeout'>, end?: AbortSignal): Promise<LoadResult> {
    const { platform, folder, signal, seed } = this.#options
    const all = { ...load, seed, timeout: DEMANDS.requestTimeout }
    return offer(platform, all, `${name}-run-${++this.#runs}`, folder, { signal, ...(end && { end }) })
  }
}

const now = () => Date.now() / 1000

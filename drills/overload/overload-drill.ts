import { poll } from '../../lib/poll.ts'
import type { Progress } from '../../lib/progress.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import { secondsOf } from '../../monitoring/profiles.ts'
import { select } from '../../monitoring/rule.ts'
import { alerts as alertRules } from '../../monitoring/rules/rules.ts'
import { SLO } from '../../monitoring/rules/slo-rules.ts'
import { EXPORTERS, JOBS } from '../../monitoring/targets.ts'
import type { Platform, Reception } from '../../platforms/platform.ts'
import { alertTimelines, type OverloadTimes } from '../alerts/alert-timelines.ts'
import { DEMANDS, PHASES } from './bounds.ts'
import { measureCapacity } from './capacity.ts'
import { overloadChecks, verdictOf } from './checks.ts'
import { describeShortage, readNode, recordCPU } from './cpu-shortage.ts'
import { describeMachine } from './describe-machine.ts'
import { Observer } from './observer.ts'
import { type Offer, offer } from './offer.ts'
import type { AlertTimeline, Capacity, LoadResult, OverloadResult, Phase, Series, Tipping } from './overload-result.ts'
import { ownPercentiles, readSeries } from './read-series.ts'
import { symptomsOf } from './symptoms.ts'

/** The surroundings of a drill. */
export interface DrillContext {
  readonly platform: Platform
  /** Folder of the report and the files that the report names. */
  readonly folder: string
  readonly progress: Progress
  /** Aborts when the drill must end: a user stopped it, or a program of the stack ended. */
  readonly signal: AbortSignal
}

/** What the overload drill is run with. */
export interface OverloadOptions {
  readonly profile: Profile
  readonly receiver: Reception
  /** Replicas after the scale; at most so many where the platform scales by itself. */
  readonly replicas: number
  readonly seed: number
  /** Whether the platform's autoscaler scales, with no hand on it. */
  readonly autoscaled: boolean
}

/** Seconds that a step usually takes, where it is not the length of its load. */
const USUAL = { capacity: 12, monitoring: 8, scale: 4, warmUp: 10, resolved: 15 }

/**
 * The overload: a steady state, then more than one replica can carry until the alerts arrive, then the same load on more
 * replicas until the alerts are resolved. Never throws for what it saw: a story that broke off has its `failure`.
 */
export const overloadDrill = (context: DrillContext, options: OverloadOptions): Promise<OverloadResult> =>
  new OverloadDrill(context, options).run()

class OverloadDrill {
  readonly #context: DrillContext
  readonly #options: OverloadOptions
  readonly #expected: ReturnType<typeof symptomsOf>
  readonly #prometheus: PrometheusClient
  readonly #observer: Observer
  readonly #startedAt = now()
  readonly #capacities: Capacity[] = []
  readonly #phases: Phase[] = []
  readonly #marks: { at: number; label: string }[] = []
  #tipping: Tipping | undefined
  #overloaded: OverloadTimes | undefined
  #runs = 0

  constructor(context: DrillContext, options: OverloadOptions) {
    this.#context = context
    this.#options = options
    this.#expected = symptomsOf(options)
    this.#prometheus = new PrometheusClient(() => context.platform.prometheus())
    this.#observer = new Observer(this.#prometheus, context.progress)
  }

  async run(): Promise<OverloadResult> {
    const cpu = recordCPU()
    let failure: string | undefined
    try {
      const [one, many] = await this.#measureCapacities()
      await this.#startMonitoring()
      await this.#holdSteadyState(one)
      const rate = await this.#overload(one, many)
      if (rate !== undefined) {
        const replicas = await this.#scale()
        await this.#repeatLoad(rate, replicas)
        await this.#awaitResolution()
      }
    } catch (error) {
      const { signal } = this.#context
      failure = (signal.aborted ? (signal.reason as Error) : (error as Error)).message
    } finally {
      cpu.stop()
    }
    return this.#tell(cpu.seconds, failure)
  }

  /** Measures one replica and all of them, and leaves one; the second is undefined where the platform scales by itself. */
  async #measureCapacities(): Promise<[one: Capacity, many: Capacity | undefined]> {
    const { platform } = this.#context
    const one = await this.#measure(1)
    if (this.#options.autoscaled) return [one, undefined]
    const many = await this.#measure(this.#options.replicas)
    await platform.scale(1)
    return [one, many]
  }

  async #measure(replicas: number): Promise<Capacity> {
    const { platform, progress } = this.#context
    progress.step(`Capacity of ${replicas} replica${replicas > 1 ? 's' : ''}`, USUAL.capacity)
    await platform.scale(replicas)
    const capacity = await measureCapacity(replicas, async (clients, duration) => {
      const load = await this.#offer(`capacity-${replicas}-run-${++this.#runs}`, { clients, duration })
      progress.now(`${load.rate}/s answered, p95 ${milliseconds(load.latency.p95)}`)
      return load
    })
    this.#capacities.push(capacity)
    progress.say(`  ${capacity.rate} requests/s at most, the best of ${capacity.runs.length} runs`)
    return capacity
  }

  async #startMonitoring(): Promise<void> {
    const { platform, progress, signal } = this.#context
    progress.step('Start Prometheus, Alertmanager and the exporters', USUAL.monitoring)
    await platform.up({ attached: true, signal })
    const isReady = async () => (await this.#isScraped()) && (await this.#isQuiet())
    if (!(await poll(isReady, { timeoutSeconds: DEMANDS.resolved, signal })))
      throw new Error(
        `without load, an alert of the service is active or a target is not scraped for ${DEMANDS.resolved} s`,
      )
    const problems = await this.#prometheus.ruleProblems()
    if (problems.length > 0) throw new Error(problems.join('; '))
  }

  async #holdSteadyState(one: Capacity): Promise<void> {
    const rate = Math.round(DEMANDS.steadyStateFactor * one.rate)
    await this.#phase('steady state', `Steady state: ${rate} requests/s on 1 replica`, 1, {
      rate,
      duration: PHASES.steadyState,
    })
    await this.#quiet() // on a busy machine, an alert may have become active even so
  }

  /**
   * Offers more than one replica carries until the alerts are delivered; raises the rate as long as the replica carries it.
   * The rate that tipped it, or undefined where none did that all replicas carry with room.
   */
  async #overload(one: Capacity, many: Capacity | undefined): Promise<number | undefined> {
    const { first, least } = DEMANDS.overloadFactor
    const most = many === undefined ? Number.POSITIVE_INFINITY : Math.ceil(DEMANDS.spare * many.rate)
    const carried: number[] = []
    if (this.#options.autoscaled) await this.#context.platform.autoscale(this.#options.replicas)
    for (let rate = Math.max(Math.ceil(least * one.rate), Math.min(Math.ceil(first * one.rate), most)); ; ) {
      const tippedAfter = await this.#offerOverload(rate)
      this.#tipping = { rate, carried, ...(tippedAfter !== undefined && { after: tippedAfter }) }
      if (tippedAfter !== undefined) return rate
      const next = Math.ceil(DEMANDS.raise * rate)
      if (next > most) return undefined
      this.#context.progress.say(`  one replica carries ${rate}/s: the rate is raised to ${next}/s`)
      carried.push(rate)
      this.#phases.pop()
      await this.#quiet()
      rate = next
    }
  }

  /**
   * Offers a rate until the alerts are delivered, and ends it early where one replica carries it. Seconds until clients gave up
   * requests; undefined where it is carried. Throws where clients gave up and an alert is not delivered in time.
   */
  async #offerOverload(rate: number): Promise<number | undefined> {
    const { signal } = this.#context
    const { autoscaled } = this.#options
    const duration = autoscaled ? PHASES.autoscaled : PHASES.overload.most
    const end = new AbortController()
    const started = now()
    const elapsed = () => now() - started
    const missing = () => [...this.#expected.keys()].filter(name => !this.#isDelivered(name, started))
    let tippedAfter: number | undefined
    const title = `Overload: ${rate} requests/s on 1 replica${autoscaled ? ', scaled by the platform' : ''}`
    const loading = this.#phase('overload', title, 1, { rate, duration }, end.signal)
    let isOver = false
    const over = loading.finally(() => {
      isOver = true
    })
    over.catch(() => {})
    const decide = async () => {
      if (isOver) return true
      const latency = await this.#observer.clientLatency()
      if (latency === undefined || (autoscaled && tippedAfter !== undefined)) return false
      if (latency >= GIVEN_UP * DEMANDS.requestTimeout) tippedAfter ??= elapsed()
      else if (latency < TIPPED_LATENCY) tippedAfter = undefined
      if (tippedAfter === undefined) return latency < TIPPED_LATENCY && elapsed() > DEMANDS.tipped + K6_START
      return !autoscaled && missing().length === 0 && elapsed() > PHASES.overload.least
    }
    await poll(decide, { timeoutSeconds: duration, signal })
    end.abort()
    const load = await over
    this.#overloaded = { started, begin: load.begin, end: load.end }
    if (tippedAfter === undefined) return undefined
    this.#demandDelivered(load)
    return tippedAfter - (load.begin - started)
  }

  /** Throws where an expected alert was not delivered within its bound after the begin of a load. */
  #demandDelivered({ begin }: LoadResult): void {
    const late = [...this.#expected.keys()].filter(name => !this.#isDelivered(name, begin, begin + DEMANDS.delivered))
    if (late.length === 0) return
    const states = late.map(name => `${name} (in Prometheus it was ${this.#observer.stateOf(name)})`)
    throw new Error(`not delivered within ${DEMANDS.delivered} s of the overload's begin: ${states.join(', ')}`)
  }

  async #scale(): Promise<number> {
    const { platform, progress } = this.#context
    const { autoscaled, replicas } = this.#options
    if (autoscaled) return (await platform.status())?.replicas ?? 0
    progress.step(`Scale from 1 to ${replicas} replicas`, USUAL.scale)
    await platform.scale(replicas)
    this.#marks.push({ at: now(), label: `${replicas} replicas` })
    await this.#warmUp(replicas)
    return replicas
  }

  /**
   * Has replicas serve one client each until they are no longer getting faster: their compiler has several tiers, and a cold
   * start of two seconds would decide the 95th percentile of half a minute.
   */
  async #warmUp(replicas: number): Promise<void> {
    this.#context.progress.step('Warm up the new replicas', USUAL.warmUp)
    await measureCapacity(replicas, (_, duration) =>
      this.#offer(`warm-up-run-${++this.#runs}`, { clients: replicas, duration }),
    )
  }

  async #repeatLoad(rate: number, replicas: number): Promise<void> {
    const title = `The same load: ${rate} requests/s on ${replicas} replicas`
    await this.#phase('scaled', title, replicas, { rate, duration: PHASES.scaled })
  }

  async #awaitResolution(): Promise<void> {
    const { progress, signal } = this.#context
    progress.step('Wait until the alerts of the service are resolved at their receiver', USUAL.resolved)
    const left = (this.#phases.at(-1)?.end ?? now()) + DEMANDS.resolved - now()
    await poll(() => !this.#isAnyDelivered(), { timeoutSeconds: left, signal })
  }

  /** Waits until no expected alert is active, so that what follows is a new incident. */
  async #quiet(): Promise<void> {
    const { signal } = this.#context
    if (!(await poll(() => this.#isQuiet(), { timeoutSeconds: DEMANDS.resolved, signal })))
      throw new Error(`an alert of the service is still active ${DEMANDS.resolved} s after the last load`)
  }

  /** Runs a phase of load with its figures shown. */
  async #phase(
    name: Phase['name'],
    title: string,
    replicas: number,
    load: Pick<Offer, 'rate' | 'duration'>,
    end?: AbortSignal,
  ): Promise<LoadResult> {
    const { progress } = this.#context
    progress.step(title, name === 'overload' && !this.#options.autoscaled ? PHASES.overload.least + 5 : load.duration)
    const stop = this.#observer.watch()
    const result = await this.#offer(`${name.replace(' ', '-')}-${++this.#runs}`, load, end).finally(stop)
    progress.say(`  ${summed(result)}`)
    this.#phases.push({ name, title, begin: result.begin, end: result.end, replicas, load: result, own: NOT_READ })
    return result
  }

  #offer(name: string, load: Omit<Offer, 'seed' | 'timeout'>, end?: AbortSignal): Promise<LoadResult> {
    const { platform, folder, signal } = this.#context
    const all = { ...load, seed: this.#options.seed, timeout: DEMANDS.requestTimeout }
    return offer(platform, all, name, folder, { signal, ...(end && { end }) })
  }

  #isDelivered(name: string, from: number, to = Number.POSITIVE_INFINITY): boolean {
    const { deliveries } = this.#options.receiver
    return deliveries.some(
      ({ labels, status, at }) => labels.alertname === name && status === 'firing' && at >= from && at <= to,
    )
  }

  /** Whether an expected alert was last delivered as firing. */
  #isAnyDelivered(): boolean {
    const { deliveries } = this.#options.receiver
    return [...this.#expected.keys()].some(
      name => deliveries.findLast(({ labels }) => labels.alertname === name)?.status === 'firing',
    )
  }

  async #isScraped(): Promise<boolean> {
    const up = await this.#prometheus.instant(
      select(EXPORTERS.up, { job: `=~${Object.values(JOBS).join('|')}` }),
      now(),
    )
    return up.length === Object.keys(JOBS).length && up.every(({ samples }) => samples[0]?.[1] === 1)
  }

  /**
   * Whether no alert about the service is pending, firing or delivered. Left out: alerts of the node, which may be busy with other
   * work; alerts of error budgets, whose windows are hours long; and NoTraffic, because the load of a trial has ended.
   */
  async #isQuiet(): Promise<boolean> {
    if (this.#isAnyDelivered()) return false
    const active = select('ALERTS', { area: 'service', alertname: '!=NoTraffic', [SLO]: '' })
    return (await this.#prometheus.instant(active, now())).length === 0
  }

  /** Reads back what was seen, and judges it. */
  async #tell(seconds: ReturnType<typeof recordCPU>['seconds'], brokeOff: string | undefined): Promise<OverloadResult> {
    const { platform, progress } = this.#context
    progress.end()
    const endedAt = now()
    const begin = this.#phases[0]?.begin ?? this.#startedAt
    // a stack that was up already may have told of the load that measured the capacities
    const deliveries = this.#options.receiver.deliveries.filter(({ at }) => at >= begin)
    let failure = brokeOff
    const [phases, alerts, series] = await this.#readBack(begin, endedAt, deliveries).catch(
      (error): [Phase[], AlertTimeline[], Series[]] => {
        failure ??= `what was seen cannot be read back: ${(error as Error).message}`
        return [this.#phases, [], []]
      },
    )
    const starved = [...describeShortage(seconds, this.#spans()), ...(await this.#nodeShortage(begin, endedAt))]
    const story = {
      drill: this.#options.autoscaled ? 'autoscale' : 'overload',
      platform: platform.name,
      startedAt: this.#startedAt,
      endedAt,
      machine: await describeMachine(platform),
      settings: this.#settings(),
      capacities: this.#capacities,
      ...(this.#tipping && { tipping: this.#tipping }),
      ...{ phases, alerts, series, starved, marks: this.#marks },
      ...(failure !== undefined && { failure }),
    }
    const checks = overloadChecks(story, deliveries, this.#expected.keys())
    return { ...story, checks, verdict: verdictOf(checks, starved, failure) }
  }

  #readBack(begin: number, end: number, deliveries: Reception['deliveries']) {
    const { profile } = this.#options
    const scrape = secondsOf(profile.scrapeInterval)
    const window = { begin, end, evaluation: secondsOf(profile.evaluationInterval) }
    return Promise.all([
      Promise.all(
        this.#phases.map(async phase => ({
          ...phase,
          own: await ownPercentiles(this.#prometheus, phase.begin, phase.end),
        })),
      ),
      alertTimelines(this.#prometheus, alertRules(profile), this.#expected, deliveries, window, this.#overloaded),
      readSeries(this.#prometheus, profile, this.#phases, begin, end, scrape),
    ])
  }

  /** The phases in which the node of a cluster had no CPU left; on this machine, /proc tells as much. */
  async #nodeShortage(begin: number, end: number): Promise<string[]> {
    if (this.#context.platform.name === 'local') return []
    const scrape = secondsOf(this.#options.profile.scrapeInterval)
    const node = await readNode(this.#prometheus, begin, end, scrape).catch(() => undefined)
    const phases = this.#phases.map(phase => ({ ...phase, title: `Node, ${phase.title}` }))
    return node === undefined ? [] : describeShortage(node.samples, phases, node.cores)
  }

  /** What may have been short of CPU: each measurement of capacity, and each phase. */
  #spans() {
    const measurements = this.#capacities.map(({ replicas, runs }) => ({
      title: `Capacity of ${replicas}`,
      begin: runs[0]?.begin ?? 0,
      end: runs.at(-1)?.end ?? 0,
    }))
    return [...measurements, ...this.#phases]
  }

  #settings(): OverloadResult['settings'] {
    const { profile, seed, autoscaled } = this.#options
    const [one] = this.#capacities
    return {
      overloadFactor: one && this.#tipping ? this.#tipping.rate / one.rate : DEMANDS.overloadFactor.first,
      replicas: { before: 1, after: this.#phases.at(-1)?.replicas ?? 1 },
      autoscaled,
      seed,
      requestTimeout: DEMANDS.requestTimeout,
      latencyBound: DEMANDS.latency,
      failedRatioBound: DEMANDS.failedRatio,
      scrapeInterval: secondsOf(profile.scrapeInterval),
    }
  }
}

/** Clients give up where their 95th percentile is this share of their timeout: buckets of native histograms are 9 % wide. */
const GIVEN_UP = 0.9
/** Below this latency in seconds the outside probe gets its answer in time, so that the service is not unresponsive. */
const TIPPED_LATENCY = 1
/** Seconds for k6 to start, on a busy machine too. */
const K6_START = 4

const NOT_READ: Phase['own'] = { p50: { query: '' }, p95: { query: '' }, p99: { query: '' } }

const now = () => Date.now() / 1000

const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`

function summed({ rate, latency, failedRatio, dropped }: LoadResult): string {
  const failed = `${(failedRatio * 100).toFixed(failedRatio > 0 && failedRatio < 0.1 ? 2 : 0)} % failed`
  return `${rate}/s, p95 ${milliseconds(latency.p95)}, ${failed}, ${dropped} dropped`
}

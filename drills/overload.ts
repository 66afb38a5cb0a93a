import type { Delivery } from '../k8s/monitoring/receiver.ts'
import { BOUNDS } from '../monitoring/objectives.ts'
import type { Profile } from '../monitoring/profiles.ts'
import { secondsOf } from '../monitoring/profiles.ts'
import { select } from '../monitoring/rule.ts'
import { alerts as alertRules } from '../monitoring/rules/index.ts'
import { recorded } from '../monitoring/rules/service.ts'
import { SLO } from '../monitoring/rules/slo.ts'
import { EXPORTERS, JOBS } from '../monitoring/targets.ts'
import type { Reception } from '../platforms/platform.ts'
import { alertLives, type Overloaded, type Symptom } from './alerts.ts'
import { DEMANDS } from './bounds.ts'
import { measureCapacity } from './capacity.ts'
import { leastTimes, overloadChecks } from './checks.ts'
import { eventually, type Stage } from './engine.ts'
import { live } from './live.ts'
import { offer } from './load.ts'
import { describeMachine } from './machine.ts'
import { PrometheusClient } from './prometheus.ts'
import { ownPercentiles, readSeries } from './series.ts'
import type { AlertLife, Capacity, LoadResult, Phase, Series, Story } from './story.ts'
import type { Timing } from './timing.ts'

/** What the overload drill is run with. */
export interface OverloadOptions {
  readonly profile: Profile
  readonly timing: Timing
  readonly receiver: Reception
  /** Replicas after the scale; at most so many where the platform scales by itself. */
  readonly replicas: number
  readonly seed: number
  /** Whether the platform's autoscaler scales, with no hand on it. */
  readonly autoscaled: boolean
  /** Is told what goes on, for whoever watches over the stack. */
  readonly enter: (phase: string) => void
}

/** Seconds in which a rate that is one must show as an overload: at 1.3 times what is carried, what waits is 1 s late after 4. */
const TIPPED_WITHIN = 8
/** How often capacities are measured, where they do not fit together. After that the drill goes on, and its checks tell. */
const MEASURED_AT_MOST = 3

/**
 * The alerts that the overload must raise, and what makes each true. Where the platform scales by itself, it may be faster than
 * ServiceUnresponsive is patient: that the service answers before it fires is what an autoscaler is for.
 */
function symptoms({ profile, autoscaled }: OverloadOptions): Map<string, Symptom[]> {
  const probe = { job: JOBS.probe }
  const unresponsive: Symptom[] = [
    { selector: select(EXPORTERS.probeSuccess, probe), isBad: value => value === 0 },
    { selector: select(EXPORTERS.probeDuration, probe), isBad: value => value > BOUNDS.probeDuration },
    { selector: select(EXPORTERS.up, { job: JOBS.service }), isBad: value => value === 0 },
  ]
  const late: Symptom[] = [{ selector: recorded(profile).latency(95), isBad: value => value > BOUNDS.latency }]
  return new Map([...(autoscaled ? [] : [['ServiceUnresponsive', unresponsive] as const]), ['HighLatency', late]])
}

/**
 * The overload: calm, then more than one replica can carry until the alerts arrive, then the same load on more replicas
 * until they are resolved. Never throws for what it saw, but tells it: a story that broke off has its `failure`.
 */
export async function overloadDrill(stage: Stage, options: OverloadOptions): Promise<Story> {
  const { platform, say, folder, signal } = stage
  const { profile, timing, receiver, seed } = options
  const startedAt = now()
  const prometheus = new PrometheusClient(() => platform.prometheus())
  const scrape = secondsOf(profile.scrapeInterval)
  const expected = symptoms(options)
  const capacities = new Map<number, Capacity>()
  const phases: Phase[] = []
  const marks: { at: number; label: string }[] = []
  const states = new Map<string, string>()
  let overloaded: Overloaded | undefined
  let factor: number = DEMANDS.overloadFactor.aim
  let failure: string | undefined
  let trials = 0

  function enter(title: string) {
    options.enter(title)
    say(`\n${title}`)
  }
  const offered = (name: string, rate: number, duration: number) =>
    offer(platform, { rate, duration, seed, timeout: DEMANDS.requestTimeout }, name, folder, signal)
  async function run(name: Phase['name'], title: string, replicas: number, rate: number, duration: number) {
    enter(title)
    const stop = live(prometheus, rate, states, say)
    const load = await offered(name, rate, duration).finally(stop)
    say(`  ${summed(load)}`)
    phases.push({ name, title, begin: load.begin, end: load.end, replicas, load, own: NOT_READ })
    return load
  }
  async function tryRate(replicas: number, rate: number, duration: number) {
    const load = await offered(`capacity-${replicas}-at-${rate}-for-${duration}s-${++trials}`, rate, duration)
    say(`  ${load.held ? 'held' : 'not held'} for ${duration} s: ${summed(load)}`)
    return load
  }
  async function capacityOf(replicas: number) {
    enter(`Capacity of ${replicas} replica${replicas > 1 ? 's' : ''}: the highest rate held for ${timing.hold} s`)
    await platform.scale(replicas)
    const hold = (rate: number, duration: number) => tryRate(replicas, rate, duration)
    const capacity = await measureCapacity(await platform.api(), replicas, timing.hold, hold, signal)
    capacities.set(replicas, capacity)
    return capacity.rate
  }

  /** Whether a rate is past what one replica can do: what waits is late within seconds, and not just above the objective. */
  async function tips(rate: number) {
    enter(`The tipping point: whether ${rate} requests/s are more than 1 replica can do`)
    return (await tryRate(1, rate, TIPPED_WITHIN)).latency.p95 > BOUNDS.probeDuration
  }

  try {
    const { aim, least } = DEMANDS.overloadFactor
    const times = leastTimes(options.replicas, platform.scaling.efficiency)
    let [one, rate] = [0, 0]
    for (let measured = 1; ; measured++) {
      one = await capacityOf(1)
      let many = Number.POSITIVE_INFINITY // the autoscaler decides how many there will be
      if (!options.autoscaled)
        for (let replicas = 2; replicas <= options.replicas; replicas++) many = await capacityOf(replicas)
      await platform.scale(1) // also where the drill goes on with capacities that do not fit
      rate = Math.ceil(Math.max(least, Math.min(aim, (DEMANDS.spare * many) / one)) * one)
      let problem: string | undefined
      if (many < times * one)
        problem = `${options.replicas} replicas carry ${many}/s and one ${one}/s: less than ${times} times as much`
      else if (!(await tips(rate))) problem = `one replica carries ${rate}/s, more than the ${one}/s that were measured`
      if (problem === undefined) break
      const busy = `  ${problem}; is the machine busy with something else?`
      say(`${busy} ${measured < MEASURED_AT_MOST ? 'It is all measured again' : 'The drill goes on nevertheless'}`)
      if (measured === MEASURED_AT_MOST) break
    }
    factor = rate / one

    enter('Watch: Prometheus, Alertmanager and the exporters')
    await platform.up({ attached: true, signal })
    const last = (name: string) => receiver.deliveries.findLast(({ labels }) => labels.alertname === name)
    const active = async () =>
      [...expected.keys()].some(name => last(name)?.status === 'firing') ||
      (await prometheus.instant(activeServiceAlerts, now())).length > 0
    if (!(await eventually(DEMANDS.resolved, signal, async () => (await scraped(prometheus)) && !(await active()))))
      throw new Error(
        `Watch: an alert of the service is active, or it is not scraped, after ${DEMANDS.resolved} s without load`,
      )

    const problems = await prometheus.ruleProblems()
    if (problems.length > 0) throw new Error(`Watch: ${problems.join('; ')}`)

    const calm = Math.round(DEMANDS.calmFactor * one)
    await run('calm', `Calm: ${calm} requests/s on 1 replica`, 1, calm, timing.calm)

    if (options.autoscaled) await platform.autoscale(options.replicas)
    const started = now()
    const [title, duration] = options.autoscaled
      ? [`Overload: ${rate} requests/s on 1 replica, and nobody scales it by hand`, timing.autoscaled]
      : [`Overload: ${rate} requests/s on 1 replica`, timing.overload]
    const load = await run('overload', title, 1, rate, duration)
    overloaded = { started, begin: load.begin, end: load.end }
    const inTime = ({ at, status }: Delivery) =>
      status === 'firing' && at >= load.begin && at - load.begin <= DEMANDS.delivered
    const late = [...expected.keys()].filter(
      name => !receiver.deliveries.some(delivery => delivery.labels.alertname === name && inTime(delivery)),
    )
    if (late.length > 0)
      throw new Error(
        `Overload: not delivered within ${DEMANDS.delivered} s of its begin: ` +
          late.map(name => `${name} (at the end it was ${states.get(name) ?? 'inactive'} in Prometheus)`).join(', '),
      )

    const replicas = options.autoscaled ? ((await platform.status())?.replicas ?? 0) : options.replicas
    if (!options.autoscaled) {
      enter(`Scale: 1 to ${replicas} replicas`)
      await platform.scale(replicas)
      marks.push({ at: now(), label: `${replicas} replicas` })
    }
    await run('scaled', `The same load: ${rate} requests/s on ${replicas} replicas`, replicas, rate, timing.scaled)

    enter('Clear: until every alert of the service is resolved at its receiver')
    const resolved = (name: string) => last(name)?.status === 'resolved'
    const left = load.end + DEMANDS.resolved - now()
    await eventually(Math.max(left, scrape), signal, () => [...expected.keys()].every(resolved))
  } catch (error) {
    failure = (signal.aborted ? (signal.reason as Error) : (error as Error)).message
    say(`\nFAILED: ${failure}`)
  }

  const endedAt = now()
  const begin = phases[0]?.begin ?? startedAt
  // a stack that was up already may have told of the trials for the capacity
  const deliveries = receiver.deliveries.filter(({ at }) => at >= begin)
  const told = await Promise.all([
    Promise.all(
      phases.map(async phase => ({ ...phase, own: await ownPercentiles(prometheus, phase.begin, phase.end) })),
    ),
    alertLives(
      prometheus,
      alertRules(profile),
      expected,
      deliveries,
      { begin, end: endedAt, evaluation: secondsOf(profile.evaluationInterval) },
      overloaded,
    ),
    readSeries(prometheus, profile, phases, begin, endedAt, scrape),
  ]).catch((error): [Phase[], AlertLife[], Series[]] => {
    failure ??= `what was seen cannot be read back: ${(error as Error).message}`
    return [phases, [], []]
  })
  const [read, lives, series] = told
  const story = {
    drill: 'overload',
    platform: platform.name,
    startedAt,
    endedAt,
    machine: await describeMachine(platform),
    settings: {
      overloadFactor: factor,
      replicas: { before: 1, after: phases.at(-1)?.replicas ?? 1 },
      autoscaled: options.autoscaled,
      efficiency: platform.scaling.efficiency,
      seed,
      requestTimeout: DEMANDS.requestTimeout,
      latencyBound: DEMANDS.latency,
      failedRatioBound: DEMANDS.failedRatio,
      scrapeInterval: scrape,
    },
    capacities: [...capacities.values()],
    phases: read,
    alerts: lives,
    series,
    marks,
  }
  const checks = overloadChecks(story, deliveries, expected.keys())
  return { ...story, checks, ...(failure !== undefined && { failure }) }
}

const NOT_READ: Phase['own'] = { p50: { query: '' }, p95: { query: '' }, p99: { query: '' } }

/**
 * Alerts about the service as it is now, pending or firing. The node's may be deserved by what else it runs, and an error
 * budget's by what was an hour ago. That the load of a trial has ended is no reason to wait.
 */
const activeServiceAlerts = select('ALERTS', { area: 'service', alertname: '!=NoTraffic', [SLO]: '' })

const now = () => Date.now() / 1000

async function scraped(prometheus: PrometheusClient): Promise<boolean> {
  const up = await prometheus.instant(select(EXPORTERS.up, { job: `=~${Object.values(JOBS).join('|')}` }), now())
  return up.length === Object.keys(JOBS).length && up.every(({ samples }) => samples[0]?.[1] === 1)
}

function summed({ rate, latency, failedRatio, dropped, wrong }: LoadResult): string {
  const failed = `${(failedRatio * 100).toFixed(failedRatio > 0 && failedRatio < 0.1 ? 2 : 0)} % failed`
  return `${rate}/s, p95 ${(latency.p95 * 1000).toFixed(0)} ms, ${failed}, ${dropped} dropped${wrong > 0 ? `, ${wrong} wrong` : ''}`
}

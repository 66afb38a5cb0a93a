import type { Delivery } from '../../k8s/monitoring/receiver.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { UserError } from '../../lib/user-error.ts'
import { select } from '../../monitoring/rule.ts'
import { EXPORTERS, JOBS } from '../../monitoring/targets.ts'
import type { Platform } from '../../platforms/platform.ts'
import { ensurePrograms } from '../../tools/install.ts'
import { PROGRAMS } from '../../tools/programs.ts'
import { eventually, guard } from '../overload/engine.ts'
import { ask, hasFaults, type Repeated, repeat, type Scene } from './causes/scene.ts'
import { CAUSES, isDrilledOn } from './plan.ts'
import type { Proof, Watch } from './proof.ts'
import { prove } from './prove.ts'
import { proveByReplay } from './replay.ts'
import { replays } from './replays.ts'
import { proveSilence } from './silence.ts'

/** Replays at a time: each has a Prometheus, which wants a core for a moment when it starts. */
const AT_A_TIME = 3

/** Users, and how often each asks in a second: enough for ratios to mean something, and a hundredth of what is carried. */
const USERS = { count: 3, perSecond: 4 }

/** The request of a user; a trivial one. */
const ASKED = '/factors/97'

/** Seconds that a fault may take to be answered: the longest is one of ten. */
const PATIENCE = 15_000

/** Seconds for Prometheus to see how many replicas there are. */
const SCRAPED = 60

/** What the alerts are proven with. */
interface Setting {
  readonly platform: Platform
  readonly folder: string
  readonly say: (line: string) => void
  readonly stop: AbortController
  /** Told of each that is proven, or not. */
  readonly onProof: (proof: Proof) => void
}

/**
 * Proves alerts one after the other on the stack of a platform, and beside them, by replay, those whose cause cannot or must
 * not be brought about there. One that fails does not stop the others; what fails the stack does.
 */
export async function proveAlerts(names: readonly string[], setting: Setting): Promise<Proof[]> {
  const isDrilled = (name: string) => isDrilledOn(setting.platform.name, name)
  const replayed = names.filter(name => !isDrilled(name))
  const drilled = names.filter(isDrilled)
  await ensurePrograms(programsFor(replayed), { say: setting.say, signal: setting.stop.signal })
  const [byReplay, byDrill] = await Promise.all([
    replayAll(replayed, setting),
    drilled.length > 0 ? drillAll(drilled, setting) : [],
  ])
  const proofs = [...byReplay, ...byDrill]
  return names.flatMap(name => proofs.find(({ alert }) => alert === name) ?? [])
}

/** What replays run. Installed before they begin: a build takes every core for minutes. */
function programsFor(replayed: readonly string[]) {
  if (replayed.length === 0) return []
  const { prometheus, alertmanager, promtool } = PROGRAMS
  const all = replays()
  const haveHistory = replayed.some(name => all.get(name)?.history !== undefined)
  return [prometheus, alertmanager, ...(haveHistory ? [promtool] : [])]
}

async function replayAll(names: readonly string[], { folder, say, stop, onProof }: Setting): Promise<Proof[]> {
  const all = replays()
  const left = [...names]
  const proofs: Proof[] = []
  async function next(): Promise<void> {
    const name = left.shift()
    if (name === undefined || stop.signal.aborted) return
    const replay = all.get(name)
    if (replay === undefined) throw new Error(`${name} has no replay`)
    const proof = await proveByReplay(replay, { folder, say: line => say(`  ${line}`), signal: stop.signal })
    proofs.push(proof)
    onProof(proof)
    return next()
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, next))
  return proofs
}

/** Brings the stack up, has users on it, and proves one alert after the other. */
async function drillAll(names: readonly string[], { platform, say, stop, onProof }: Setting): Promise<Proof[]> {
  const { signal } = stop
  const { parts } = platform
  const deliveries: Delivery[] = []
  const receive = () => platform.receive(delivery => deliveries.push(delivery))
  let receiver = await receive()
  const before = await platform.status()
  let unguard = () => {}
  const prometheus = new PrometheusClient(() => platform.prometheus())
  const watch: Watch = { prometheus, deliveries, say: line => say(`  ${line}`), signal }
  const proofs: Proof[] = []
  let users: Repeated | undefined

  try {
    say('Start: two replicas of the service, and what watches them')
    await platform.up({ attached: true, signal })
    const api = await platform.api()
    if (!(await hasFaults(api)))
      throw new UserError('the stack that is up has no faults: make down, or bring it up by FAULTS=on make up')
    users = together(Array.from({ length: USERS.count }, () => repeat(USERS.perSecond, () => ask(`${api}${ASKED}`))))
    const scene: Scene = {
      ...{ platform, parts, users },
      fault: async path => void (await ask(`${api}/faults/${path}`, 'POST', PATIENCE)),
      async scale(replicas) {
        await platform.scale(replicas)
        const answering = `sum(${select(EXPORTERS.up, { job: JOBS.service })}) == ${replicas}`
        const seen = async () => (await prometheus.instant(answering, Date.now() / 1000)).length > 0
        if (!(await eventually(SCRAPED, signal, seen)))
          throw new UserError(`Prometheus does not see ${replicas} replica(s) after ${SCRAPED} s`)
      },
      async refuse() {
        await receiver.stop()
        return async () => {
          receiver = await receive()
        }
      },
    }
    await scene.scale(2)
    users.start()
    let current = 'Start'
    // in a cluster, crashes are among the causes
    if (platform.name === 'local')
      unguard = guard(
        platform,
        () => current,
        reason => stop.abort(reason),
      )
    for (const name of names) {
      if (signal.aborted) break
      current = name
      const cause = CAUSES[platform.name].find(({ alert }) => alert === name)
      const proof =
        cause === undefined
          ? await proveSilence(watch, parts, platform.name)
          : await prove(
              watch,
              { ...cause, inflict: () => cause.inflict(scene) },
              { kind: 'drilled', platform: platform.name },
            )
      proofs.push(proof)
      onProof(proof)
    }
    return proofs
  } finally {
    unguard()
    await users?.stop()
    await receiver.stop()
    if (before) await platform.scale(before.replicas).catch(error => say(error.message))
    else for (const line of await platform.down()) say(`  ${line}`)
  }
}

const together = (all: readonly Repeated[]): Repeated => ({
  start() {
    for (const one of all) one.start()
  },
  stop: async () => void (await Promise.all(all.map(one => one.stop()))),
})

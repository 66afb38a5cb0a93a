import { afterAll, describe, expect, test } from 'bun:test'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMANDS, deliveryBounds, PHASES } from '../drills/overload/bounds.ts'
import { measureCapacity } from '../drills/overload/capacity.ts'
import { efficiencyOf } from '../drills/overload/checks.ts'
import { type Offer, offer } from '../drills/overload/offer.ts'
import type { OverloadResult } from '../drills/overload/overload-result.ts'
import { collect } from '../lib/process.ts'
import { tryAgain } from '../lib/try-again.ts'
import { DRILL } from '../monitoring/profiles.ts'
import { applyAutoscaler } from '../platforms/kubernetes/service/autoscaler.ts'
import { watchSaturation } from './saturation.ts'
import { api, CHARTS, cluster, env, FOLDER, leaveOut, platform, ROOT, say } from './support.ts'

/** Time limit of a drill, in milliseconds. */
const DRILL_TIMEOUT = 900_000

/** Exit code of a drill that says nothing, because the machine had no CPU left. Only such a drill is tried again. */
const INCONCLUSIVE = 75

/** What saturation must not do to one pod. */
const UNHARMED = { restarts: 0, leastEndpoints: 1, unready: [] }

if (!CHARTS) leaveOut('delivery of alerts in the overload drill, and the autoscaler drill', 'no chart can be pulled')

afterAll(() => applyAutoscaler(cluster, api, undefined), 30_000)

/** Runs a short drill as users do, and returns its report. Throws with the output of the drill when it fails. */
async function drill(name: string): Promise<OverloadResult> {
  const reports = join(FOLDER, name)
  const command = [process.execPath, 'cli/main.ts', 'drill', name]
  const { code, out, err } = await tryAgain(`the drill ${name}`, 1, async () => {
    const ended = await collect(command, { env: { ...env, REPORTS: reports }, cwd: ROOT })
    if (ended.code === INCONCLUSIVE) throw new Error(`the drill was inconclusive:\n${ended.out}\n${ended.err}`)
    return ended
  })
  const folder = (await readdir(reports).catch(() => [])).sort().at(-1) // a folder's name is its time
  const result: OverloadResult | undefined = folder && (await Bun.file(join(reports, folder, 'report.json')).json())
  if (code !== 0 || result === undefined) throw new Error(`drill ${name} ended with ${code}:\n${out}\n${err}`)
  for (const { name, seen } of result.checks) say(`${name}: ${seen}`)
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([])
  return result
}

const expectedAlerts = ({ alerts }: OverloadResult) => alerts.filter(({ expected }) => expected).map(({ name }) => name)

describe.skipIf(!CHARTS)('the overload drill', () => {
  test(
    'from 1 to 3 replicas delivers the alerts, meets the objective at 3, and loses no pod',
    async () => {
      const saturation = watchSaturation(api)
      const result = await drill('overload').finally(saturation.stop)
      say(`capacities: ${result.capacities.map(({ replicas, rate }) => `${rate}/s at ${replicas}`).join(', ')}`)
      expect(result.settings.replicas).toEqual({ before: 1, after: 3 })
      expect(expectedAlerts(result).sort()).toEqual(['HighLatency', 'ServiceUnresponsive'])
      expect(saturation.seen()).toMatchObject(UNHARMED)
    },
    DRILL_TIMEOUT,
  )

  test(
    'with the autoscaler recovers by itself',
    async () => {
      const saturation = watchSaturation(api)
      const result = await drill('autoscale').finally(saturation.stop)
      // ServiceUnresponsive fires only where the autoscaler needs longer than the alert.
      expect(expectedAlerts(result)).toEqual(['HighLatency'])
      const { autoscaled, ...seen } = saturation.seen()
      say(`figures of the autoscaler: ${autoscaled.join('; ')}`)
      expect(seen).toMatchObject(UNHARMED)
      expect(autoscaled.length).toBeGreaterThan(1)
    },
    DRILL_TIMEOUT,
  )
})

const folder = join(FOLDER, 'unmonitored')
const offered = (load: Pick<Offer, 'rate' | 'clients' | 'duration'>, name: string) =>
  offer(platform, { ...load, seed: 1, timeout: DEMANDS.requestTimeout }, name, folder)

/** Scales and measures the capacity. */
async function capacityOf(replicas: number) {
  await platform.scale(replicas)
  let runs = 0
  const capacity = await measureCapacity(replicas, (clients, duration) =>
    offered({ clients, duration }, `capacity-${replicas}-run-${++runs}`),
  )
  say(`capacity: ${capacity.rate}/s at ${replicas}`)
  return capacity
}

test.skipIf(CHARTS)(
  'without monitoring: three pods carry within the objective what overloads one pod',
  async () => {
    await mkdir(folder, { recursive: true })
    const [one, three] = [await capacityOf(1), await capacityOf(3)]
    expect(efficiencyOf(one, three)).toBeGreaterThanOrEqual(DEMANDS.efficiency)

    const rate = Math.ceil(DEMANDS.overloadFactor.first * one.rate)
    await platform.scale(1)
    const saturation = watchSaturation(api)
    const overload = await offered({ rate, duration: deliveryBounds(DRILL).delivered }, 'overload').finally(
      saturation.stop,
    )
    expect(overload.latency.p95).toBeGreaterThan(DEMANDS.latency)
    expect(saturation.seen()).toMatchObject(UNHARMED)
    await platform.scale(3)
    const scaled = await offered({ rate, duration: PHASES.scaled }, 'scaled')
    say(`${rate}/s: p95 ${overload.latency.p95.toFixed(2)} s at 1, ${scaled.latency.p95.toFixed(3)} s at 3`)
    expect(scaled.held).toBe(true)
    await platform.scale(1)
  },
  DRILL_TIMEOUT,
)

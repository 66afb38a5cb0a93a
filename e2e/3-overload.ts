import { afterAll, describe, expect, test } from 'bun:test'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMANDS, PHASES } from '../drills/overload/bounds.ts'
import { measureCapacity } from '../drills/overload/capacity.ts'
import { efficiencyOf } from '../drills/overload/checks.ts'
import { type Offer, offer } from '../drills/overload/load.ts'
import type { Story } from '../drills/overload/story.ts'
import { applyAutoscaler } from '../platforms/kubernetes/service/replicas.ts'
import { run } from '../test/process.ts'
import { watchSaturation } from './saturation.ts'
import { api, CHARTS, cluster, env, FOLDER, leaveOut, platform, ROOT, say } from './support.ts'

/** Time limit of a drill, in milliseconds. */
const DRILL_TIMEOUT = 600_000

afterAll(() => applyAutoscaler(cluster, undefined), 30_000)

/** Runs a short drill as users do; its story. What it says is shown where it fails. */
async function drill(name: string): Promise<Story> {
  const reports = join(FOLDER, name)
  const command = [process.execPath, 'cli/main.ts', 'drill', name]
  const { code, out, err } = await run(command, { env: { ...env, REPORTS: reports }, cwd: ROOT })
  const folder = (await readdir(reports).catch(() => [])).sort().at(-1) // they are named by their time
  const story: Story | undefined = folder && (await Bun.file(join(reports, folder, 'report.json')).json())
  if (code !== 0 || story === undefined) throw new Error(`drill ${name} ended with ${code}:\n${out}\n${err}`)
  for (const { name, seen } of story.checks) say(`${name}: ${seen}`)
  return story
}

describe.skipIf(!CHARTS)('the overload drill', () => {
  test(
    '1 to 3: alerts delivered at 1, the same rate in the objective at 3, and no pod lost to it',
    async () => {
      const saturation = watchSaturation(api)
      const story = await drill('overload').finally(saturation.stop)
      say(`capacities: ${story.capacities.map(({ replicas, rate }) => `${rate}/s at ${replicas}`).join(', ')}`)
      expect(story.checks.filter(({ ok }) => !ok)).toEqual([])
      expect(story.settings.replicas).toEqual({ before: 1, after: 3 })
      const expected = story.alerts.filter(alert => alert.expected).map(({ name }) => name)
      expect(expected.sort()).toEqual(['HighLatency', 'ServiceUnresponsive'])
      expect(saturation.seen()).toMatchObject({ restarts: 0, leastEndpoints: 1, unready: [] })
    },
    DRILL_TIMEOUT,
  )

  test(
    'with the autoscaler, recovery with no hand on it',
    async () => {
      const saturation = watchSaturation(api)
      const story = await drill('autoscale').finally(saturation.stop)
      expect(story.checks.filter(({ ok }) => !ok)).toEqual([])
      // ServiceUnresponsive fires only where the autoscaler is slower than it
      expect(story.alerts.filter(alert => alert.expected).map(({ name }) => name)).toEqual(['HighLatency'])
      const { autoscaled, ...seen } = saturation.seen()
      say(`the autoscaler, by what it measured: ${autoscaled.join('; ')}`)
      expect(seen).toMatchObject({ restarts: 0, leastEndpoints: 1, unready: [] })
      expect(autoscaled.length).toBeGreaterThan(1)
    },
    DRILL_TIMEOUT,
  )
})

describe.skipIf(CHARTS)('the overload, unwatched', () => {
  leaveOutOf(CHARTS)

  test(
    '1 to 3: what one pod cannot carry, three carry in the objective',
    async () => {
      const folder = join(FOLDER, 'unwatched')
      await mkdir(folder, { recursive: true })
      const offered = (load: Pick<Offer, 'rate' | 'clients' | 'duration'>, name: string) =>
        offer(platform, { ...load, seed: 1, timeout: DEMANDS.requestTimeout }, name, folder)
      const capacityOf = async (replicas: number) => {
        await platform.scale(replicas)
        let runs = 0
        const capacity = await measureCapacity(replicas, (clients, duration) =>
          offered({ clients, duration }, `capacity-${replicas}-run-${++runs}`),
        )
        say(`capacity: ${capacity.rate}/s at ${replicas}`)
        return capacity
      }
      const [one, three] = [await capacityOf(1), await capacityOf(3)]
      expect(efficiencyOf(one, three)).toBeGreaterThanOrEqual(DEMANDS.efficiency)

      const rate = Math.ceil(DEMANDS.overloadFactor.first * one.rate)
      await platform.scale(1)
      const saturation = watchSaturation(api)
      const overload = await offered({ rate, duration: DEMANDS.delivered }, 'overload').finally(saturation.stop)
      expect(overload.latency.p95).toBeGreaterThan(DEMANDS.latency)
      expect(saturation.seen()).toMatchObject({ restarts: 0, leastEndpoints: 1, unready: [] })
      await platform.scale(3)
      const scaled = await offered({ rate, duration: PHASES.scaled }, 'scaled')
      say(`${rate}/s: p95 ${overload.latency.p95.toFixed(2)} s at 1, ${scaled.latency.p95.toFixed(3)} s at 3`)
      expect(scaled.held).toBe(true)
      await platform.scale(1)
    },
    DRILL_TIMEOUT,
  )
})

function leaveOutOf(charts: boolean): void {
  if (!charts) leaveOut('delivery of alerts in the overload drill, and the autoscaler drill', 'no chart can be had')
}

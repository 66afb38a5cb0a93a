import { afterEach, describe, expect, test } from 'bun:test'
import {
  childOf,
  nothingLeft,
  replicaOf,
  reportOf,
  type Surroundings,
  startDrill,
  surroundings,
} from '../../test/drill.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import type { OverloadResult } from './overload-result.ts'

/** Milliseconds that a drill may take. */
const DRILL = 420_000

const drill = (place: Surroundings) => startDrill(place, 'demo')
const resultOf = (place: Surroundings) => reportOf<OverloadResult>(place)

let place: Surroundings
afterEach(() => nothingLeft(place))

/** Starts a drill, and waits until the drill measures the capacity. */
async function measuring(base: number) {
  place = surroundings(base)
  const running = drill(place)
  await running.said('\nCapacity of 1')
  return running
}

describe('the overload drill', () => {
  test(
    'passes every check; raises a rate that one replica carries',
    async () => {
      const running = await measuring(24_410)
      const replica = await replicaOf(place)
      // stopped for most of the time while it is measured, so that its capacity looks like less than it is
      while (!running.hasSaid('\nCapacity of 3')) {
        process.kill(replica, 'SIGSTOP')
        await Bun.sleep(85)
        process.kill(replica, 'SIGCONT')
        await Bun.sleep(15)
      }
      const { code, out, err } = await running.end()
      console.log(out)
      const { checks, failure, verdict, alerts, settings, series, phases, tipping } = await resultOf(place)
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
      expect({ code, failure, verdict, err }).toEqual({ code: 0, failure: undefined, verdict: 'passed', err: '' })

      const expected = alerts.filter(alert => alert.expected)
      expect(expected.map(({ name }) => name).sort()).toEqual(['HighLatency', 'ServiceUnresponsive'])
      for (const { detection } of expected) {
        const sum = detection?.parts.reduce((sum, { seconds }) => sum + seconds, 0) ?? Number.NaN
        expect(Math.abs(sum - (detection?.total ?? Number.NaN))).toBeLessThan(settings.scrapeInterval)
      }
      for (const { id, points } of series) expect({ id, empty: points.length === 0 }).toEqual({ id, empty: false })
      expect(phases.map(({ name }) => name)).toEqual(['steady state', 'overload', 'scaled'])
      for (const { name, own } of phases)
        expect({ name, p95: own?.p95.value }).toEqual({ name, p95: expect.any(Number) })
      expect(out).toMatch(/ServiceUnresponsive: inactive → pending/)

      expect(tipping?.carried.length).toBeGreaterThan(0)
      expect(tipping?.rate).toBeGreaterThan(Math.max(...(tipping?.carried ?? [])))
      expect(out).toContain(`one replica carries ${tipping?.carried[0]}/s: the rate is raised`)
    },
    WITH_INSTALL,
  )

  test(
    'k6 killed: it says so, and ends',
    async () => {
      const running = await measuring(24_310)
      for (let pid = Number.NaN; !(pid > 0); await Bun.sleep(100)) {
        pid = await childOf(running.child.pid, 'k6 run')
        if (pid > 0) process.kill(pid, 'SIGKILL')
      }
      const { code, out } = await running.end()
      expect(out).toMatch(/Failed: the drill stopped early: .*k6/)
      expect(code).toBe(1)
    },
    DRILL,
  )

  test(
    'a replica that does not start: its port is named',
    async () => {
      place = surroundings(23_910)
      const port = Number(place.ports.METRICS_PORT) + 1
      const squatter = Bun.serve({ hostname: '127.0.0.1', port, fetch: () => new Response() })
      const { code, out } = await drill(place).end()
      await squatter.stop(true)
      expect(out).toContain(
        `Failed: the drill stopped early: METRICS_PORT: port ${port} of 127.0.0.1, for replica 2, is in use`,
      )
      expect(code).toBe(1)
    },
    DRILL,
  )

  test('a folder that cannot be written: it is named, before anything is started', async () => {
    place = surroundings(24_010)
    const { code, err } = await drill({ ...place, env: { ...place.env, REPORTS: '/proc/reports' } }).end()
    expect(err).toContain('set REPORTS to another folder')
    expect(code).toBe(1)
  })

  test(
    'Ctrl-C: it says what it ends, and writes what it saw',
    async () => {
      const running = await measuring(24_110)
      running.child.kill('SIGINT')
      const { code, out, err } = await running.end()
      expect(err).toContain('SIGINT: ending what was started')
      expect(out).toContain('Failed: the drill stopped early')
      expect((await resultOf(place)).failure).toBe('stopped by SIGINT')
      expect(code).toBe(130)
    },
    DRILL,
  )

  test(
    'the drill itself killed: nothing goes on without it',
    async () => {
      const running = await measuring(24_210)
      running.child.kill('SIGKILL')
      expect((await running.end()).code).toBe(137)
    },
    DRILL,
  )
})

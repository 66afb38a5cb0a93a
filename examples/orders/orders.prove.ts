// The drills of orders as users run them: SERVICE=examples/orders make demo, and make drill for each alert of its own.
import { expect, test } from 'bun:test'
import type { OverloadResult } from '../../drills/overload/overload-result.ts'
import { nothingLeft, reportOf, startDrill, surroundings } from '../../test/drill.ts'
import { WITH_INSTALL } from '../../test/programs.ts'

const orders = (base: number) => {
  const place = surroundings(base)
  return { ...place, env: { ...place.env, SERVICE: 'examples/orders' } }
}

test(
  'an overload tips it while its CPU is idle, its alerts fire, and three replicas carry the same load',
  async () => {
    const place = orders(26_010)
    const { code, out, err } = await startDrill(place, 'demo').end()
    console.log(out)
    const { checks, series, phases } = await reportOf<OverloadResult>(place)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const overload = phases.find(({ name }) => name === 'overload')
    const cpu = series
      .find(({ id }) => id === 'replicaCPU')
      ?.points.filter(([at]) => overload && at > overload.begin && at < overload.end)
    expect(Math.max(...(cpu ?? []).map(([, cores]) => cores))).toBeLessThan(0.25) // of 0.3
    await nothingLeft(place)
  },
  WITH_INSTALL,
)

for (const [alert, base] of [
  ['DatabasePoolExhausted', 26_110],
  ['OrdersFailing', 26_210],
] as const)
  test.concurrent(
    `${alert} fires by its cause, is delivered and resolves`,
    async () => {
      const place = orders(base)
      const { code, out, err } = await startDrill(place, 'drill', alert).end()
      expect({ code, err, out }).toEqual({ code: 0, err: '', out })
      expect(out).toMatch(new RegExp(`✓ +${alert} .*drilled, local`))
      await nothingLeft(place)
    },
    WITH_INSTALL,
  )

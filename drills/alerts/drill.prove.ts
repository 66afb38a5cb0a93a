// An alert's drill as users run it, and what goes wrong in it.
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { copyProject } from '../../lib/copy-project.ts'
import {
  nothingLeft,
  pidOf,
  replicaOf,
  reportOf,
  type Surroundings,
  startDrill,
  surroundings,
} from '../../test/drill.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import type { ResultMatrix } from './result-matrix.ts'

/** The quickest there is: it has no `for`. */
const QUICK = 'Exceptions'

/** What it says when its cause begins. */
const BEGUN = `${QUICK}: one unexpected exception`

const TIMEOUT = 180_000

/** Each has a stack of its own and mostly waits, so they run beside each other; nothing of a stack is left after it. */
function drilled(what: string, base: number, prove: (place: Surroundings) => Promise<void>, timeout = TIMEOUT): void {
  test.concurrent(
    what,
    async () => {
      const place = surroundings(base)
      await prove(place)
      await nothingLeft(place)
    },
    timeout,
  )
}

drilled(
  'an alert is proven on a stack of its own',
  25_010,
  async place => {
    const { code, err, out } = await startDrill(place, 'drill', QUICK).end()
    expect({ code, err, out }).toEqual({ code: 0, err: '', out })
    expect(out).toMatch(/✓ +Exceptions +warning +\d+ +drilled, local +[\d.]+ s +45 s +yes/)
    expect(out).toContain('1 of 1 alerts passed: 1 drilled, 0 replayed')

    const { results } = await reportOf<ResultMatrix>(place)
    expect(results.map(({ alert, kind }) => ({ alert, kind }))).toEqual([{ alert: QUICK, kind: 'drilled' }])
    const states = results[0]?.timeline?.states.map(({ state }) => state)
    expect(states).toEqual(['inactive', 'firing', 'delivered', 'cleared', 'resolved'])
  },
  WITH_INSTALL,
)

drilled(
  'one whose cause nobody wants is proven by replay',
  25_110,
  async place => {
    const { code, err, out } = await startDrill(place, 'drill', 'NodeStorageAlmostFull').end()
    expect({ code, err, out }).toEqual({ code: 0, err: '', out })
    expect(out).toMatch(/✓ +NodeStorageAlmostFull +critical +\d+ +replayed/)
  },
  WITH_INSTALL,
)

for (const [name, part, base] of [
  ['Prometheus', 'prometheus', 25_210],
  ['Alertmanager', 'alertmanager', 25_310],
  ['blackbox_exporter', 'blackbox_exporter', 25_410],
  ['a replica', 'replica-1', 25_510],
] as const)
  drilled(`${name} killed in the middle of it: it says so, ends, and is not green`, base, async place => {
    const running = startDrill(place, 'drill', QUICK)
    await running.said(BEGUN)
    process.kill(await (part === 'replica-1' ? replicaOf(place) : pidOf(place, `/${part} `)), 'SIGKILL')
    const { code, out } = await running.end()
    expect(out).toMatch(new RegExp(`✗ failed +${QUICK} +drill stopped early .*: ${part} ended by signal SIGKILL`))
    expect(out).toContain('0 of 1 alerts passed')
    expect(code).toBe(1)
  })

drilled('a rule that is broken: what did not come is told, and it is not green', 25_910, async place => {
  const root = join(place.folder, 'copy')
  await copyProject(root)
  const rules = join(root, 'monitoring/rules/service-rules.ts')
  const text = await Bun.file(rules).text()
  const broken = text.replace(/\(exceptions\.name.*\) > 0/, '$& + 1000')
  expect(broken).not.toBe(text)
  await Bun.write(rules, broken)

  const { code, out } = await startDrill({ ...place, root }, 'drill', QUICK).end()
  expect(out).toContain(`${QUICK}: NOT DELIVERED after 45 s`)
  expect(out).toMatch(/✗ failed +Exceptions +states in order +inactive → firing → delivered → resolved +inactive\n/)
  expect(code).toBe(1)
})

drilled('the receiver cannot listen: its port is named', 25_610, async place => {
  const port = Number(place.ports.RECEIVER_PORT)
  const squatter = Bun.serve({ hostname: '127.0.0.1', port, fetch: () => new Response() })
  const { code, out } = await startDrill(place, 'drill', QUICK).end()
  await squatter.stop(true)
  expect(out).toContain(`RECEIVER_PORT: port ${port} of 127.0.0.1 is in use`)
  expect(code).toBe(1)
})

drilled('Ctrl-C: it says what it ends, and writes what it saw', 25_710, async place => {
  const running = startDrill(place, 'drill', QUICK)
  await running.said(BEGUN)
  running.child.kill('SIGINT')
  const { code, out, err } = await running.end()
  expect(err).toContain('SIGINT: ending what was started')
  expect(out).toContain('prometheus: ended')
  expect((await reportOf<ResultMatrix>(place)).failure).toBe('stopped by SIGINT')
  expect(code).toBe(130)
})

drilled('a name that is none: those that are accepted are told', 25_810, async place => {
  const { code, err } = await startDrill(place, 'drill', 'HighLatencies').end()
  expect(err).toMatch(
    /"HighLatencies" is not accepted; it takes overload, autoscale, all, daily, or an alert: .*HighLatency/,
  )
  expect(code).toBe(1)
})

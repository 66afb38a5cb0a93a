// An alert's drill as users run it, and what goes wrong in it.
import { afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { copyProject } from '../../test/copy.ts'
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
import type { Matrix } from '../matrix/matrix.ts'

/** The quickest there is: it has no `for`. */
const QUICK = 'Exceptions'

/** What it says when its cause begins. */
const BEGUN = `${QUICK}: one unexpected exception`

const TIMEOUT = 180_000

let place: Surroundings
afterEach(() => nothingLeft(place))

test(
  'an alert is proven on a stack of its own, and one whose cause nobody wants by replay',
  async () => {
    place = surroundings(25_010)
    const [drilled, replayed] = [startDrill(place, QUICK), startDrill(surroundings(25_110), 'NodeInodesLow')]
    const ends = await Promise.all([drilled.end(), replayed.end()])
    for (const { code, err, out } of ends) expect({ code, err, out }).toEqual({ code: 0, err: '', out })
    const [{ out }] = ends
    expect(out).toMatch(/✓ +Exceptions +warning +\d+ +drilled, local +[\d.]+ s +45 s +yes/)
    expect(out).toContain('1 of 1 alerts proven: 1 drilled, 0 replayed')
    expect(ends[1].out).toMatch(/✓ +NodeInodesLow +warning +\d+ +replayed/)

    const { proofs } = await reportOf<Matrix>(place)
    expect(proofs.map(({ alert, kind }) => ({ alert, kind }))).toEqual([{ alert: QUICK, kind: 'drilled' }])
    const states = proofs[0]?.life?.states.map(({ state }) => state)
    expect(states).toEqual(['inactive', 'firing', 'delivered', 'cleared', 'resolved'])
  },
  WITH_INSTALL,
)

describe('killed in the middle of it', () => {
  test.each([
    ['Prometheus', 'prometheus', 25_210],
    ['Alertmanager', 'alertmanager', 25_310],
    ['blackbox_exporter', 'blackbox_exporter', 25_410],
    ['a replica', 'replica-1', 25_510],
  ])(
    '%s: it says so, ends, and is not green',
    async (_, part, base) => {
      place = surroundings(base)
      const running = startDrill(place, QUICK)
      await running.said(BEGUN)
      process.kill(await (part === 'replica-1' ? replicaOf(place) : pidOf(place, `/${part} `)), 'SIGKILL')
      const { code, out } = await running.end()
      expect(out).toMatch(new RegExp(`✗ failed +${QUICK} +it broke off .*: ${part} ended by signal SIGKILL`))
      expect(out).toContain('0 of 1 alerts proven')
      expect(code).toBe(1)
    },
    TIMEOUT,
  )
})

test(
  'a rule that is broken: what did not come is told, and it is not green',
  async () => {
    place = surroundings(25_910)
    const root = join(place.folder, 'copy')
    await copyProject(root)
    const rules = join(root, 'monitoring/generated/rules.drill.yml')
    const text = await Bun.file(rules).text()
    const broken = text.replace(/(alert: Exceptions\n\s+expr: [^\n]*) > 0/, '$1 > 1000')
    expect(broken).not.toBe(text)
    await Bun.write(rules, broken)

    const { code, out } = await startDrill({ ...place, root }, QUICK).end()
    expect(out).toContain(`${QUICK}: NOT DELIVERED after 45 s`)
    expect(out).toMatch(
      /✗ failed +Exceptions +its states, in order +inactive → firing → delivered → resolved +inactive\n/,
    )
    expect(code).toBe(1)
  },
  TIMEOUT,
)

test('the receiver cannot listen: its port is named', async () => {
  place = surroundings(25_610)
  const port = Number(place.ports.RECEIVER_PORT)
  const squatter = Bun.serve({ hostname: '127.0.0.1', port, fetch: () => new Response() })
  const { code, out } = await startDrill(place, QUICK).end()
  await squatter.stop(true)
  expect(out).toContain(`RECEIVER_PORT: port ${port} of 127.0.0.1 is in use`)
  expect(code).toBe(1)
}, 30_000)

test(
  'Ctrl-C: it says what it ends, and writes what it saw',
  async () => {
    place = surroundings(25_710)
    const running = startDrill(place, QUICK)
    await running.said(BEGUN)
    running.child.kill('SIGINT')
    const { code, out, err } = await running.end()
    expect(err).toContain('SIGINT: ending what was started')
    expect(out).toContain('prometheus: ended')
    expect((await reportOf<Matrix>(place)).failure).toBe('it was stopped by SIGINT')
    expect(code).toBe(130)
  },
  TIMEOUT,
)

test('a name that is none: those that are accepted are told', async () => {
  place = surroundings(25_810)
  const { code, err } = await startDrill(place, 'HighLatencies').end()
  expect(err).toMatch(
    /"HighLatencies" is not accepted; it takes overload, autoscale, all, daily, or an alert: .*HighLatency/,
  )
  expect(code).toBe(1)
})

import { expect, test } from 'bun:test'
import { run } from '../test/process.ts'
import { cpuSeconds, idleSeconds, type Run } from './measure.ts'
import { checksOf } from './report.ts'
import { figuresOf, median, type Round, VARIANTS } from './rounds.ts'

test('CPU time of a process whose name holds spaces and brackets', () => {
  const stat = `42 (a (b) c) S ${Array.from({ length: 10 }, (_, i) => i).join(' ')} 150 50 7 8`
  expect(cpuSeconds(stat)).toBe(2)
})

test('idle time of the first core', () => {
  expect(idleSeconds('cpu  9 9 9 9 9\ncpu0 1 2 3 450 50 6 7 0 0 0\ncpu1 9 9 9 9 9 9\n')).toBe(5)
})

test('medians, of an odd and an even number', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})

/** A round in which each variant answers so many requests in a second, and uses so much of its core. */
const round = (rates: Readonly<Record<string, number>>, busy = 0.99): Round =>
  Object.fromEntries(
    VARIANTS.map((variant): [string, Run] => [
      variant,
      { requests: rates[variant] ?? 100, seconds: 1, p99: 0.002, longest: 0.01, cpu: 0.9, idle: 1 - busy },
    ]),
  ) as unknown as Round

test('ratios are of one round each, so a slow round does not matter', () => {
  const rounds = [
    round({ bare: 100, metrics: 96 }),
    round({ bare: 50, metrics: 49 }),
    round({ bare: 100, metrics: 97 }),
  ]
  expect(figuresOf('metrics', rounds)).toMatchObject({
    rate: 96,
    ratio: 0.97,
    spread: [0.96, 0.98],
    p99: 2,
    busy: 0.99,
  })
})

test.each([
  ['all is well', { metrics: 96, naive: 80 }, 0.99, [true, true, true]],
  ['metrics cost too much', { metrics: 94, naive: 80 }, 0.99, [false, true, true]],
  ['the control costs nothing', { metrics: 96, naive: 95 }, 0.99, [true, false, true]],
  ['the generator was the limit', { metrics: 96, naive: 80 }, 0.7, [true, true, false]],
])('the verdict where %s', (_, rates, busy, expected) => {
  const figures = VARIANTS.map(variant => figuresOf(variant, [round(rates, busy)]))
  expect(checksOf(figures).map(({ ok }) => ok)).toEqual(expected)
})

test('a number that is none is refused', async () => {
  const { code, err } = await run([process.execPath, 'cli/main.ts', 'bench'], {
    env: { ...process.env, ROUNDS: 'many' },
  })
  expect({ code, err }).toEqual({ code: 1, err: 'ROUNDS: "many" is not accepted; it takes an integer from 1 to 100\n' })
})

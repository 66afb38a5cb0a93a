import { expect, test } from 'bun:test'
import { collect } from '../lib/process.ts'
import type { Run } from './measure.ts'
import { parseCpuSeconds, parseIdleSeconds } from './proc.ts'
import { checksOf, verdictOf } from './report.ts'
import { figuresOf, median, quantile, type Round } from './rounds.ts'
import { VARIANT_NAMES, VARIANTS, type Variant } from './variants.ts'

test('CPU time of a process whose name holds spaces and brackets', () => {
  const stat = `42 (a (b) c) S ${Array.from({ length: 10 }, (_, i) => i).join(' ')} 150 50 7 8`
  expect(parseCpuSeconds(stat)).toBe(2)
})

test('idle time of the first core', () => {
  expect(parseIdleSeconds('cpu  9 9 9 9 9\ncpu0 1 2 3 450 50 6 7 0 0 0\ncpu1 9 9 9 9 9 9\n')).toBe(5)
})

test('medians, of an odd and an even number', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})

test('lower quartiles', () => {
  expect([quantile(0.25, [5, 4, 3, 2, 1]), quantile(0.25, [4, 3, 2, 1]), quantile(0.25, [7])]).toEqual([2, 1.75, 7])
})

test('each variant but the first differs from one that is listed before it', () => {
  const known: string[] = []
  for (const name of VARIANT_NAMES) {
    const { from } = VARIANTS[name]
    if (name !== 'bare') expect(known).toContain(`${from}`)
    known.push(name)
  }
})

/**
 * A round of one second for each variant.
 * @param rates requests that a variant answers; default 100
 * @param busy share of the second in which the server's core is busy
 * @param used share of the second in which the server's process runs
 */
function round(rates: Partial<Record<Variant, number>>, busy = 0.99, used = 0.92): Round {
  const run = (variant: Variant): Run => ({
    requests: rates[variant] ?? 100,
    seconds: 1,
    p99: 0.002,
    longest: 0.01,
    cpu: used,
    idle: 1 - busy,
  })
  return {
    bare: run('bare'),
    metrics: run('metrics'),
    ids: run('ids'),
    service: run('service'),
    library: run('library'),
  }
}

test('ratios are of one round each, so a slow round does not matter', () => {
  const rounds = [
    round({ bare: 100, metrics: 96 }),
    round({ bare: 50, metrics: 49 }),
    round({ bare: 100, metrics: 97 }),
  ]
  expect(figuresOf('metrics', rounds)).toMatchObject({
    requestsPerSecond: 96,
    ofBare: { least: 0.96, lowerQuartile: 0.965, median: 0.97 },
    p99Ms: 2,
    busy: 0.99,
  })
})

const GOOD = { metrics: 96, service: 81, library: 90 }

test.each([
  ['everything is good', GOOD, 0.99, 0.92, [], 'passed'],
  ['the service costs too much', { ...GOOD, service: 79 }, 0.99, 0.92, [0], 'failed'],
  ['metrics cost too much', { ...GOOD, metrics: 94 }, 0.99, 0.92, [1], 'failed'],
  ['the control costs nothing', { ...GOOD, library: 96 }, 0.99, 0.92, [2], 'failed'],
  ['the generator was the limit', GOOD, 0.9, 0.89, [3], 'failed'],
  ['another process ran on the core', { ...GOOD, service: 79 }, 1, 0.5, [0, 4], 'inconclusive'],
] as const)('the verdict where %s', (_, rates, busy, used, broken, verdict) => {
  const rounds = [round(rates, busy, used)]
  const figures = VARIANT_NAMES.map(variant => figuresOf(variant, rounds))
  const checks = checksOf(rounds, figures)
  expect(checks.flatMap(({ ok }, i) => (ok ? [] : [i]))).toEqual([...broken])
  expect(verdictOf(checks, figures)).toBe(verdict)
})

test('the verdict is of the lower quartile, which a good median does not hide', () => {
  const rounds = [0.97, 0.97, 0.97, 0.9, 0.9].map(ratio => round({ ...GOOD, metrics: 100 * ratio }))
  const figures = VARIANT_NAMES.map(variant => figuresOf(variant, rounds))
  expect(checksOf(rounds, figures)[1]).toMatchObject({ seen: '0.900 (median 0.970)', ok: false })
})

test('a value that is no number is refused', async () => {
  const { code, err } = await collect([process.execPath, 'cli/main.ts', 'bench'], {
    env: { ...process.env, ROUNDS: 'many' },
  })
  expect({ code, err }).toEqual({ code: 1, err: 'ROUNDS: "many" is not accepted; it takes an integer from 1 to 100\n' })
})

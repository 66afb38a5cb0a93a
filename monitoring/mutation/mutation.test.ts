import { describe, expect, test } from 'bun:test'
import { WITH_INSTALL } from '../../test/programs.ts'
import { mutantsOf } from './mutants.ts'
import { REFACTORINGS, refactor } from './refactorings.ts'
import { runTrials } from './run.ts'
import { SURVIVORS } from './survivors.ts'
import { trials } from './trial.ts'

const NEVER = new AbortController().signal

describe('the mutants of a rule', () => {
  const changes = (rule: Parameters<typeof mutantsOf>[0]) =>
    mutantsOf(rule).map(({ change, rule }) => `${change}: ${rule.expr}${rule.for ? ` for ${rule.for}` : ''}`)

  test('comparisons and bounds', () => {
    expect(changes({ expr: 'up{job="a>1"} == 0 or late > 0.5' })).toEqual([
      '== flipped: up{job="a>1"} != 0 or late > 0.5',
      '> flipped: up{job="a>1"} == 0 or late < 0.5',
      'bound 0.5 to 5: up{job="a>1"} == 0 or late > 5',
      'bound 0.5 to 0.05: up{job="a>1"} == 0 or late > 0.05',
      'matcher job="a>1" dropped: up{} == 0 or late > 0.5',
    ])
  })

  test('windows, matchers and labels', () => {
    expect(changes({ expr: 'sum by (a, b) (rate(x{c="1",d!~"2|3"}[5m])) / on (a) y{c="1"}' })).toEqual([
      'window [5m] to [150s]: sum by (a, b) (rate(x{c="1",d!~"2|3"}[150s])) / on (a) y{c="1"}',
      'window [5m] to [600s]: sum by (a, b) (rate(x{c="1",d!~"2|3"}[600s])) / on (a) y{c="1"}',
      'matcher c="1" dropped: sum by (a, b) (rate(x{d!~"2|3"}[5m])) / on (a) y{}',
      'matcher d!~"2|3" dropped: sum by (a, b) (rate(x{c="1"}[5m])) / on (a) y{c="1"}',
      'by without a: sum by (b) (rate(x{c="1",d!~"2|3"}[5m])) / on (a) y{c="1"}',
      'by without b: sum by (a) (rate(x{c="1",d!~"2|3"}[5m])) / on (a) y{c="1"}',
      'on without a: sum by (a, b) (rate(x{c="1",d!~"2|3"}[5m])) / on () y{c="1"}',
    ])
  })

  test('patience, and the same change twice', () => {
    expect(changes({ expr: 'x > 2 and y > 2', for: '10m' })).toEqual([
      '> flipped: x < 2 and y > 2 for 10m',
      '> flipped, 2: x > 2 and y < 2 for 10m',
      'bound 2 to 20: x > 20 and y > 2 for 10m',
      'bound 2 to 0.2: x > 0.2 and y > 2 for 10m',
      'bound 2 to 20, 2: x > 2 and y > 20 for 10m',
      'bound 2 to 0.2, 2: x > 2 and y > 0.2 for 10m',
      'for removed: x > 2 and y > 2',
      'for doubled: x > 2 and y > 2 for 20m',
    ])
  })
})

test('every alert but Watchdog has mutants, and every survivor is one', () => {
  const all = trials()
  expect(new Set(all.map(({ rule }) => rule)).size).toBeGreaterThan(25)
  expect(Object.keys(SURVIVORS).filter(name => !all.some(trial => trial.name === name))).toEqual([])
})

test(
  'a sample of the mutants is killed, and one whose tests are taken away is not',
  async () => {
    const quick = trials().filter(({ group }) => /service|workload|pipeline/.test(group))
    const sample = quick.filter((_, i) => i % 20 === 7).filter(({ name }) => SURVIVORS[name] === undefined)
    expect(sample.length).toBeGreaterThan(5)
    const { outcomes, problems } = await runTrials(sample, NEVER, () => {})
    expect(problems).toEqual([])
    expect(outcomes.size).toBe(sample.length)

    const untested = sample.slice(0, 1).map(trial => ({ ...trial, runs: [] }))
    const { problems: found } = await runTrials(untested, NEVER, () => {})
    expect(found).toEqual(['0.0 % killed, less than 95 %', `${untested[0]?.name}: survived, and nobody says why`])
  },
  WITH_INSTALL,
)

test('what is removed from the catalogue does not compile', async () => {
  for (const removal of REFACTORINGS.filter(({ renamed }) => renamed === undefined)) {
    const { problem, seen } = await refactor(removal)
    expect({ problem, seen }).toEqual({
      problem: undefined,
      seen: expect.stringMatching(/^\d+ errors of the compiler/),
    })
  }
}, 60_000)

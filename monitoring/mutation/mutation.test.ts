import { describe, expect, test } from 'bun:test'
import { mutantsOf } from './mutants.ts'
import { SURVIVORS } from './survivors.ts'
import { trials } from './trials.ts'

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

  test('`for`, and the same change at two places', () => {
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

test('every alert but Watchdog has mutants, and every survivor is a mutant', () => {
  const all = trials()
  expect(new Set(all.map(({ rule }) => rule)).size).toBeGreaterThan(25)
  expect(Object.keys(SURVIVORS).filter(name => !all.some(trial => trial.name === name))).toEqual([])
})

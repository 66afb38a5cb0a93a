import { expect, test } from 'bun:test'
import { WITH_INSTALL } from '../../test/programs.ts'
import { dayTests } from '../incidents/days.ts'
import { rulesFor, runTests } from '../incidents/run.ts'
import { BURN_RATES } from '../objectives.ts'
import { type Duration, PROFILES, secondsOf } from '../profiles.ts'
import { ruleFile } from './index.ts'
import { sloAlerts } from './slo.ts'

/** The rules of the error budgets of each profile. */
const [rules = [], ...others] = PROFILES.map(
  profile => ruleFile(profile).groups.find(({ name }) => name.endsWith('-slo'))?.rules ?? [],
)

const days = sloAlerts().flatMap(({ name: alert }) => dayTests(alert).map(day => ({ alert, name: day.name, day })))

// of one profile, since they are the same in all; a day at a time, because promtool runs on one core
test.concurrent.each(days)(
  'days of requests, replayed: $alert, $name',
  async ({ alert, day }) => {
    const { outcome, said } = await runTests({ rules: rulesFor(rules, [alert]), evaluation: '1m', tests: [day] })
    expect(said).not.toContain('FAILED')
    expect(outcome).toBe('passed')
  },
  WITH_INSTALL,
)

test('error budgets burn alike in every profile', () => {
  expect(rules.length).toBeGreaterThan(10)
  for (const other of others) expect(other).toEqual(rules)
})

test('a short window is a twelfth of its long one, and what each pair lets through is a share of the budget', () => {
  const pairs = Object.values(BURN_RATES).flat()
  for (const { long, short } of pairs) expect(secondsOf(long) / secondsOf(short)).toBe(12)
  const days = (duration: Duration) => secondsOf(duration) / secondsOf('1d')
  expect(pairs.map(({ factor, long }) => Number(((factor * days(long)) / 30).toFixed(3)))).toEqual([
    0.02, 0.05, 0.1, 0.1,
  ])
})

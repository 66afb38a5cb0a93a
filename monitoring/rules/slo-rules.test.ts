import { expect, test } from 'bun:test'
import { WITH_INSTALL } from '../../test/programs.ts'
import { budgetTests } from '../incidents/budget-tests.ts'
import { rulesFor, runRuleTests } from '../incidents/run-rule-tests.ts'
import { BURN_RATES } from '../objectives.ts'
import { type Duration, PRODUCTION, PROFILES, type Profile, secondsOf } from '../profiles.ts'
import { ruleGroups } from './rules.ts'
import { sloAlerts } from './slo-rules.ts'

const rulesOf = (profile: Profile) => ruleGroups(profile).find(({ name }) => name === 'slo')?.rules ?? []
const rules = rulesOf(PRODUCTION)

const tests = sloAlerts().flatMap(({ name: alert }) =>
  budgetTests(alert).map(scenario => ({ alert, name: scenario.name, scenario })),
)

// In one profile, because the rules are the same in all. One scenario at a time, because promtool uses one core.
test.concurrent.each(tests)(
  'a scenario of requests: $alert, $name',
  async ({ alert, scenario }) => {
    const run = { rules: rulesFor(rules, [alert]), evaluationInterval: '1m', tests: [scenario] } as const
    const { outcome, output } = await runRuleTests(run)
    expect(output).not.toContain('FAILED')
    expect(outcome).toBe('passed')
  },
  WITH_INSTALL,
)

test('error budgets have the same rules in every profile', () => {
  expect(rules.length).toBeGreaterThan(10)
  for (const profile of PROFILES) expect(rulesOf(profile)).toEqual(rules)
})

test('a short window is a twelfth of its long window, and each pair fires after a fixed share of the budget is spent', () => {
  const pairs = Object.values(BURN_RATES).flat()
  for (const { long, short } of pairs) expect(secondsOf(long) / secondsOf(short)).toBe(12)
  const days = (duration: Duration) => secondsOf(duration) / secondsOf('1d')
  expect(pairs.map(({ factor, long }) => Number(((factor * days(long)) / 30).toFixed(3)))).toEqual([
    0.02, 0.05, 0.1, 0.1,
  ])
})

import { PRODUCTION } from '../profiles.ts'
import { JOBS } from '../targets.ts'
import { BUDGET_SCENARIOS, type BudgetScenario } from './budget-scenarios.ts'
import type { RuleTest } from './run-rule-tests.ts'
import { firingAlert } from './unit-tests.ts'

/** The promtool test of one alert in a scenario: it fires in its intervals without a gap, and never else. */
function budgetTest(alert: string, { name, input, minutes, firing }: BudgetScenario): RuleTest {
  const intervals = firing.filter(interval => interval.alert === alert)
  const series = (matchers: string) => `ALERTS{alertname="${alert}",alertstate="firing"${matchers}}`
  const ofSlo = (slo: string) => series(`,slo="${slo}"`)
  const expect = (expr: string, minute: number, value?: number) => ({
    expr,
    eval_time: `${minute}m` as const,
    exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
  })
  const firingMinutes = (selector: string) => `sum(count_over_time(${selector}[${minutes}m]))`
  const total = intervals.reduce((sum, { fires, clears }) => sum + clears - fires, 0)
  return {
    name,
    interval: '1m',
    input_series: input,
    alert_rule_test: intervals.map(({ slo, fires, burn }) => ({
      eval_time: `${fires}m`,
      alertname: alert,
      exp_alerts: [firingAlert(PRODUCTION, alert, { job: JOBS.service, slo }, burn)],
    })),
    promql_expr_test: [
      ...intervals.flatMap(({ slo, fires, clears }) => [
        expect(`count(${ofSlo(slo)})`, fires - 1),
        expect(`count(${ofSlo(slo)})`, fires, 1),
        expect(`count(${ofSlo(slo)})`, clears - 1, 1),
        expect(firingMinutes(ofSlo(slo)), minutes, clears - fires),
      ]),
      expect(firingMinutes(series('')), minutes, total || undefined),
    ],
  }
}

/**
 * The tests of an alert on error budgets, with one evaluation a minute. They are the same in every profile. Scenarios
 * in which the alert fires come first, the shortest of them at the front, so that a wrong rule is found early.
 */
export function budgetTests(alert: string): RuleTest[] {
  const isSilent = ({ firing }: BudgetScenario) => Number(!firing.some(interval => interval.alert === alert))
  return BUDGET_SCENARIOS.toSorted((a, b) => isSilent(a) - isSilent(b) || a.minutes - b.minutes).map(scenario =>
    budgetTest(alert, scenario),
  )
}

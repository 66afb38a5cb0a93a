import { budgetTests } from '../incidents/budget-tests.ts'
import { nameOf, type Rule, type RuleTest, rulesFor, runRuleTests, type TestRun } from '../incidents/run-rule-tests.ts'
import { unitTests } from '../incidents/unit-tests.ts'
import { PRODUCTION } from '../profiles.ts'
import { ruleGroups } from '../rules/rules.ts'
import { mutantsOf } from './mutants.ts'

/** `invalid`: Prometheus refuses the mutant, so nobody could deploy it. */
export type MutantOutcome = 'killed' | 'survived' | 'invalid'

export interface Trial {
  /** `rule: change`. */
  readonly name: string
  readonly rule: string
  readonly group: string
  /** Runs with the mutant instead of the rule, in this order until one of them fails. */
  readonly runs: readonly TestRun[]
  /** The same runs with the unchanged rule, which must pass. */
  readonly control: readonly TestRun[]
}

/**
 * All mutants of the alerts and of the series recorded for them, without the recorded burn rates: their tests take too
 * long.
 */
export function trials(): Trial[] {
  const units = unitTests(PRODUCTION)
  return ruleGroups(PRODUCTION).flatMap(({ name: group, rules: all }) => {
    const isSlo = group === 'slo'
    const rules: readonly Rule[] = all
    return rules.flatMap(rule => {
      if (rule.record !== undefined && isSlo) return []
      const readers = rules.flatMap(({ alert }) =>
        alert !== undefined && rulesFor(rules, [alert]).includes(rule) ? [alert] : [],
      )
      // A budget test takes seconds, and most mutants fail the first.
      const tests: RuleTest[][] = isSlo
        ? readers.flatMap(budgetTests).map(test => [test])
        : [readers.flatMap(alert => units.get(alert) ?? [])]
      if (tests.flat().length === 0) return []
      const needed = rulesFor(rules, readers)
      const evaluationInterval = isSlo ? '1m' : PRODUCTION.evaluationInterval
      const runsWith = (tested: Rule): TestRun[] =>
        tests.map(tests => ({ rules: needed.with(needed.indexOf(rule), tested), evaluationInterval, tests }))
      const name = nameOf(rule)
      const control = runsWith(rule)
      return mutantsOf(rule).map(({ change, rule: mutant }) => ({
        name: `${name}: ${change}`,
        rule: name,
        group,
        control,
        runs: runsWith(mutant),
      }))
    })
  })
}

/** Runs tests until one fails. `survived`: all passed. */
export async function outcomeOf(runs: readonly TestRun[]): Promise<MutantOutcome> {
  for (const run of runs) {
    const { outcome } = await runRuleTests(run)
    if (outcome !== 'passed') return outcome === 'failed' ? 'killed' : 'invalid'
  }
  return 'survived'
}

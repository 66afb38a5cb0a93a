import { dayTests } from '../incidents/days.ts'
import type { RuleTest } from '../incidents/promtool.ts'
import { nameOf, type Rule, rulesFor, runTests, type TestRun } from '../incidents/run.ts'
import { unitTests } from '../incidents/unit.ts'
import { PROFILES, type Profile } from '../profiles.ts'
import { ruleFile } from '../rules/index.ts'
import { mutantsOf } from './mutants.ts'

/** What became of a mutant. */
export type Outcome = 'killed' | 'survived' | 'invalid'

/** A mutant, and what tests it. */
export interface Trial {
  /** `rule: change`. */
  readonly name: string
  /** The rule's own name. */
  readonly rule: string
  /** The group that it is of. */
  readonly group: string
  /** What is run, with the mutant in the rule's place; one after the other, until one of them notices. */
  readonly runs: readonly TestRun[]
  /** The same with the rule as it is: it must pass, else what is said of the mutant means nothing. */
  readonly control: readonly TestRun[]
}

const [profile] = PROFILES as [Profile]

/** Every mutant of every alert, and of what is recorded for alerts, but for the error budgets', whose days take too long. */
export function trials(): Trial[] {
  const units = unitTests(profile)
  return ruleFile(profile).groups.flatMap(group => {
    const rules: readonly Rule[] = group.rules
    const isOfDays = group.name.endsWith('-slo')
    return rules.flatMap(rule => {
      if (rule.record !== undefined && isOfDays) return []
      const readers = rules.flatMap(({ alert }) =>
        alert !== undefined && rulesFor(rules, [alert]).includes(rule) ? [alert] : [],
      )
      // days take seconds each, and most mutants are noticed in the first
      const tests: RuleTest[][] = isOfDays
        ? readers.flatMap(dayTests).map(test => [test])
        : [readers.flatMap(alert => units.get(alert) ?? [])]
      if (tests.flat().length === 0) return []
      const needed = rulesFor(rules, readers)
      const evaluation = isOfDays ? '1m' : profile.evaluationInterval
      const runs = (mutant: Rule) =>
        tests.map(tests => ({ rules: needed.with(needed.indexOf(rule), mutant), evaluation, tests }))
      const of = { rule: nameOf(rule), group: group.name, control: runs(rule) }
      return mutantsOf(rule).map(({ change, rule: mutant }) => ({
        ...of,
        name: `${of.rule}: ${change}`,
        runs: runs(mutant),
      }))
    })
  })
}

/** Runs the tests on a mutant. `invalid`: Prometheus does not take it, so nobody could have written it. */
export async function tryOut(runs: readonly TestRun[]): Promise<Outcome> {
  for (const run of runs) {
    const { outcome } = await runTests(run)
    if (outcome !== 'passed') return outcome === 'failed' ? 'killed' : 'invalid'
  }
  return 'survived'
}

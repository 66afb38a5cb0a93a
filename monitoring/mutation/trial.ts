import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureProgram } from '../../platforms/install.ts'
import { PROGRAMS } from '../../platforms/programs.ts'
import { PROFILES } from '../profiles.ts'
import { ruleFile } from '../rules/index.ts'
import { dayTests } from '../tests/days.ts'
import type { RuleTest } from '../tests/promtool.ts'
import { unitTests } from '../tests/unit.ts'
import { type Mutant, mutantsOf, type Rule } from './mutants.ts'

/** What became of a mutant. */
export type Outcome = 'killed' | 'survived' | 'invalid'

/** A mutant, and what tests it. */
export interface Trial {
  /** `rule: change`. */
  readonly name: string
  /** The rule's own name. */
  readonly rule: string
  readonly mutant: Mutant
  /** The group that it is of, with the mutant in the rule's place. */
  readonly group: { readonly name: string; readonly rules: readonly Rule[] }
  /** One after the other, until one of them notices. */
  readonly tests: readonly (readonly RuleTest[])[]
  /** Between two evaluations of the tests. */
  readonly evaluation: string
}

const [profile] = PROFILES as [(typeof PROFILES)[number]]

/** Every mutant of every alert, and of what is recorded for alerts, but for the error budgets', whose days take too long. */
export function trials(): Trial[] {
  const units = unitTests(profile)
  return ruleFile(profile).groups.flatMap(group => {
    const rules: readonly Rule[] = group.rules
    const isOfDays = group.name.endsWith('-slo')
    return rules.flatMap((rule, index) => {
      const name = rule.alert ?? rule.record ?? ''
      if (rule.record !== undefined && isOfDays) return []
      const readers = rules.flatMap(({ alert, expr }) =>
        alert !== undefined && (alert === name || expr.includes(name)) ? [alert] : [],
      )
      const unit = readers.flatMap(alert => units.get(alert) ?? [])
      // days take seconds each, and most mutants are noticed in the first
      const tests = isOfDays ? dayTests().map(test => [test]) : [unit]
      if (tests.flat().length === 0) return []
      return mutantsOf(rule).map(mutant => ({
        ...{ name: `${name}: ${mutant.change}`, rule: name, mutant, tests },
        group: { name: group.name, rules: rules.with(index, mutant.rule) },
        evaluation: isOfDays ? '1m' : profile.evaluationInterval,
      }))
    })
  })
}

/** The same tests on the rule as it is: they must pass, else what they say of a mutant means nothing. */
export function controls(all: readonly Trial[]): Trial[] {
  const rules = new Map(ruleFile(profile).groups.map(({ name, rules }) => [name, rules as readonly Rule[]]))
  const first = new Map(all.map(trial => [trial.rule, trial]))
  return [...first.values()].map(trial => ({
    ...trial,
    name: `${trial.rule}: as it is`,
    group: { name: trial.group.name, rules: rules.get(trial.group.name) ?? [] },
  }))
}

/** Runs the tests on a mutant. `invalid`: Prometheus does not take it, so nobody could have written it. */
export async function tryOut({ group, tests, evaluation }: Trial): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'))
  const write = (name: string, content: object) => {
    writeFileSync(join(folder, name), JSON.stringify(content))
    return join(folder, name)
  }
  try {
    const promtool = await ensureProgram(PROGRAMS.promtool)
    const rules = write('rules.json', { groups: [group] })
    const run = (args: string[]) => Bun.$`${[promtool, ...args]}`.quiet().nothrow()
    if ((await run(['check', 'rules', rules])).exitCode !== 0) return 'invalid'
    for (const some of tests) {
      const file = write('tests.json', { rule_files: [rules], evaluation_interval: evaluation, tests: some })
      if ((await run(['test', 'rules', file])).exitCode !== 0) return 'killed'
    }
    return 'survived'
  } finally {
    rmSync(folder, { recursive: true })
  }
}

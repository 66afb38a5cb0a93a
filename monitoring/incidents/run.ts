// Runs promtool's tests of rules, the same way for the rules as they are and for those that a mutation changed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool } from '../../test/programs.ts'
import type { Duration } from '../profiles.ts'
import type { RuleTest } from './promtool.ts'

/** A rule as Prometheus reads it, as far as tests are concerned. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
}

/** The name of a rule: of the alert, or of what it records. */
export const nameOf = ({ alert, record }: Rule) => alert ?? record ?? ''

/**
 * The rules of a group that its alerts stand on: the alerts and what is recorded for them, in the group's order. promtool evaluates
 * each rule that it is given at each moment of each test, so it is given no others.
 */
export function rulesFor<Of extends Rule>(rules: readonly Of[], alerts: readonly string[]): Of[] {
  const needed = new Set(alerts)
  const isNeeded = (rule: Of) => {
    if (!needed.has(nameOf(rule))) return false
    for (const [name] of rule.expr.matchAll(/[\w:]+/g)) needed.add(name)
    return true
  }
  // from the last on: a rule reads what is recorded before it
  return rules.toReversed().filter(isNeeded).toReversed()
}

/** Rules, and what is tested of them. */
export interface TestRun {
  readonly rules: readonly Rule[]
  /** Between two evaluations. */
  readonly evaluation: Duration
  readonly tests: readonly RuleTest[]
}

/** Runs tests. `invalid`: Prometheus does not take the rules. */
export async function runTests({ rules, evaluation, tests }: TestRun) {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  const write = (name: string, content: object) => {
    writeFileSync(join(folder, name), JSON.stringify(content))
    return join(folder, name)
  }
  try {
    const file = write('rules.json', { groups: [{ name: 'tested', rules }] })
    const { code, out, err } = await promtool([
      ...['test', 'rules'],
      write('tests.json', { rule_files: [file], evaluation_interval: evaluation, tests }),
    ])
    const said = out + err
    if (code === 0) return { outcome: 'passed', said } as const
    const isTaken = (await promtool(['check', 'rules', file])).code === 0
    return { outcome: isTaken ? 'failed' : 'invalid', said } as const
  } finally {
    rmSync(folder, { recursive: true })
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duration } from '../profiles.ts'
import { selectorsOf } from '../promql.ts'
import { promtool } from '../promtool.ts'
import type { InputSeries } from './input-series.ts'

/** The parts of a rule that tests and mutations read. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: Duration
}

/** The labels and annotations that an alert must have, as promtool reads them. */
export interface ExpectedAlert {
  readonly exp_labels: Readonly<Record<string, string>>
  readonly exp_annotations: Readonly<Record<string, string>>
}

/** A unit test of rules, as promtool reads it. */
export interface RuleTest {
  readonly name: string
  readonly interval: Duration
  readonly input_series: readonly InputSeries[]
  readonly alert_rule_test: readonly { eval_time: Duration; alertname: string; exp_alerts: readonly ExpectedAlert[] }[]
  readonly promql_expr_test?: readonly {
    expr: string
    eval_time: Duration
    exp_samples: readonly { labels: string; value: number }[]
  }[]
}

export interface TestRun {
  readonly rules: readonly Rule[]
  readonly evaluationInterval: Duration
  readonly tests: readonly RuleTest[]
}

/** The name of the alert or of the recorded series. */
export const nameOf = ({ alert, record }: Rule) => alert ?? record ?? ''

/**
 * The rules of a group that some of its alerts need: the alerts and the recording rules that they read, in the group's
 * order. promtool evaluates all given rules at each step of each test, so fewer rules are faster.
 */
export function rulesFor<Of extends Rule>(rules: readonly Of[], alerts: readonly string[]): Of[] {
  const needed = new Set(alerts)
  const isNeeded = (rule: Of) => {
    if (!needed.has(nameOf(rule))) return false
    for (const { metric } of selectorsOf(rule.expr)) needed.add(metric)
    return true
  }
  // From the last rule to the first: a rule reads series that an earlier rule records.
  return rules.toReversed().filter(isNeeded).toReversed()
}

/** Runs tests with promtool. `invalid`: Prometheus refuses the rules. */
export async function runRuleTests({ rules, evaluationInterval, tests }: TestRun) {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'))
  try {
    const [ruleFile, testFile] = [join(folder, 'rules.json'), join(folder, 'tests.json')]
    await Bun.write(ruleFile, JSON.stringify({ groups: [{ name: 'tested', rules }] }))
    const content = { rule_files: [ruleFile], evaluation_interval: evaluationInterval, tests }
    await Bun.write(testFile, JSON.stringify(content))
    const { code, out, err } = await promtool(['test', 'rules', testFile])
    const output = out + err
    if (code === 0) return { outcome: 'passed', output } as const
    const isAccepted = (await promtool(['check', 'rules', ruleFile])).code === 0
    return { outcome: isAccepted ? 'failed' : 'invalid', output } as const
  } finally {
    await rm(folder, { recursive: true })
  }
}

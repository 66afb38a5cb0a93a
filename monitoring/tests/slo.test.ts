import { expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool, WITH_INSTALL } from '../../test/programs.ts'
import { BURN_RATES } from '../objectives.ts'
import { type Duration, PROFILES, secondsOf } from '../profiles.ts'
import { type Alert, alertingRule } from '../rule.ts'
import { ruleFile } from '../rules/index.ts'
import { sloAlerts } from '../rules/slo.ts'
import { JOBS } from '../targets.ts'
import { type Life, REPLAYS, type Replay } from './replays.ts'

/** A replay as promtool reads it. */
const replayed = ({ name, input, length, lives }: Replay) => {
  const at = (minute: number) => `${minute}m` as const
  const firing = (matchers: string) => `ALERTS{${matchers},alertstate="firing"}`
  const of = ({ alert, slo }: Life) => firing(`alertname="${alert}",slo="${slo}"`)
  const counted = (selector: string) => `count_over_time(${selector}[${length}m])`
  const others = ['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow'].filter(
    name => !lives.some(({ alert }) => alert === name),
  )
  return {
    name,
    interval: '1m',
    input_series: input,
    alert_rule_test: lives.map(({ alert, slo, fires, burn }) => {
      const rule = sloAlerts().find(({ name }) => name === alert) as Alert
      const labels = { job: JOBS.service, slo }
      const values: Record<string, string> = {
        '$labels.job': labels.job,
        '$labels.slo': slo,
        '$value | humanize': burn,
      }
      const annotations = alertingRule({
        ...rule,
        description: rule.description.replace(/{{ (.*?) }}/g, (_, value: string) => `${values[value]}`),
      }).annotations
      return {
        eval_time: at(fires),
        alertname: alert,
        exp_alerts: [
          { exp_labels: { ...labels, severity: rule.severity, area: rule.area }, exp_annotations: annotations },
        ],
      }
    }),
    promql_expr_test: [
      ...lives.flatMap(life => [
        { expr: `count(${of(life)})`, eval_time: at(life.fires - 1), exp_samples: [] },
        { expr: `count(${of(life)})`, eval_time: at(life.fires), exp_samples: [{ labels: '{}', value: 1 }] },
        { expr: `count(${of(life)})`, eval_time: at(life.ends - 1), exp_samples: [{ labels: '{}', value: 1 }] },
        // without a gap, and never again
        {
          expr: `sum(${counted(of(life))})`,
          eval_time: at(length),
          exp_samples: [{ labels: '{}', value: life.ends - life.fires }],
        },
      ]),
      ...others.map(name => ({
        expr: `sum(${counted(firing(`alertname="${name}"`))})`,
        eval_time: at(length),
        exp_samples: [],
      })),
    ],
  }
}

test(
  'days of requests, replayed: error budgets burn when they must, and only then',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slo-'))
    const write = (name: string, content: object) => {
      writeFileSync(join(folder, name), JSON.stringify(content))
      return join(folder, name)
    }
    // of one profile, since they are the same in all; without the other groups, which would take most of the time
    const [{ groups } = { groups: [] }] = PROFILES.map(ruleFile)
    const rules = write('rules.yml', { groups: groups.filter(({ name }) => name.endsWith('-slo')) })
    const tests = { rule_files: [rules], evaluation_interval: '1m', tests: REPLAYS.map(replayed) }
    const { out, err, code } = await promtool(['test', 'rules', write('tests.yml', tests)])
    expect(out + err).not.toContain('FAILED')
    expect(code).toBe(0)
  },
  WITH_INSTALL,
)

test('error budgets burn alike in every profile', () => {
  const [first, ...others] = PROFILES.map(profile => ruleFile(profile).groups.find(({ name }) => name.endsWith('-slo')))
  expect(first?.rules.length).toBeGreaterThan(10)
  for (const other of others) expect(other?.rules).toEqual(first?.rules as [])
})

test('a short window is a twelfth of its long one, and what each pair lets through is a share of the budget', () => {
  const pairs = Object.values(BURN_RATES).flat()
  for (const { long, short } of pairs) expect(secondsOf(long) / secondsOf(short)).toBe(12)
  const days = (duration: Duration) => secondsOf(duration) / secondsOf('1d')
  expect(pairs.map(({ factor, long }) => Number(((factor * days(long)) / 30).toFixed(3)))).toEqual([
    0.02, 0.05, 0.1, 0.1,
  ])
})

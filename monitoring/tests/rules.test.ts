import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool, WITH_INSTALL } from '../../test/programs.ts'
import { GENERATED } from '../generate.ts'
import { PROFILES, type Profile, secondsOf } from '../profiles.ts'
import { alertingRule } from '../rule.ts'
import { alerts } from '../rules/index.ts'
import { bounds, type Incident, incidents, peace } from './incidents.ts'
import { type ExpectedAlert, gauge, type InputSeries, type RuleTest } from './promtool.ts'
import { REPLAYS } from './replays.ts'
import { SERVICE, steady } from './series.ts'

const ruleFile = (profile: Profile) => join(GENERATED, `rules.${profile.name}.yml`)

type Pace = Pick<Profile, 'scrapeInterval'>

const time = ({ scrapeInterval }: Pace, scrapes: number) =>
  `${Math.round(scrapes * secondsOf(scrapeInterval))}s` as const

/** An expectation that so many alerts of a name fire. */
const firing = (profile: Pace, alert: string, scrapes: number, count: number) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
  eval_time: time(profile, scrapes),
  exp_samples: [{ labels: '{}', value: count }],
})

/** Silent one evaluation early, fires with its labels and texts, fires until one evaluation before the end, clears. */
function atIncident(
  profile: Profile,
  { alert, name, input, labels, says, interval = profile.scrapeInterval, ...lives }: Incident,
): RuleTest {
  const [fires, clears] = lives[profile.name]
  const rule = alerts(profile).find(({ name }) => name === alert)
  if (rule === undefined) throw new Error(`there is no alert ${alert}`)
  const { description: _, ...annotations } = alertingRule(rule).annotations
  const expected = { exp_labels: labels, exp_annotations: { ...annotations, description: says } }
  const pace = { scrapeInterval: interval }
  const check = (scrapes: number, exp_alerts: ExpectedAlert[]) => ({
    eval_time: time(pace, scrapes),
    alertname: alert,
    exp_alerts,
  })
  return {
    name: `${alert}: ${name}`,
    interval,
    input_series: input,
    alert_rule_test: [check(fires - 1, []), check(fires, [expected]), check(clears, [])],
    promql_expr_test: [firing(pace, alert, clears - 1, 1)],
  }
}

const never = (profile: Profile, alert: string, name: string, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert}: never: ${name}`,
  interval: profile.scrapeInterval,
  input_series: input,
  alert_rule_test: [1, 30, 100, 199].map(scrapes => ({
    eval_time: time(profile, scrapes),
    alertname: alert,
    exp_alerts: [],
  })),
})

const always = (profile: Profile, alert: string, name: string, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert}: ${name}`,
  interval: profile.scrapeInterval,
  input_series: input,
  alert_rule_test: [],
  promql_expr_test: [100, 199].map(scrapes => firing(profile, alert, scrapes, 1)),
})

/** The tests of a profile, as promtool reads them. */
const testFile = (profile: Profile) => ({
  rule_files: [ruleFile(profile)],
  evaluation_interval: profile.evaluationInterval,
  tests: [
    ...incidents(profile).map(incident => atIncident(profile, incident)),
    ...bounds(profile).flatMap(({ alert, inside, outside }) => [
      never(profile, alert, 'just inside of the bound', inside),
      always(profile, alert, 'just outside of the bound', outside),
    ]),
    ...peace.map(({ alert, name, input }) => never(profile, alert, name, input)),
    always(profile, 'Watchdog', 'always', [gauge('up', SERVICE, steady(1))]),
  ],
})

test('every runbook is of an alert', async () => {
  const names = [...new Bun.Glob('*.md').scanSync(join(import.meta.dir, '../runbooks'))].map(file =>
    file.replace('.md', ''),
  )
  for (const profile of PROFILES)
    expect(names.sort()).toEqual(
      alerts(profile)
        .map(({ name }) => name)
        .sort(),
    )
})

describe.each(PROFILES.map(profile => [profile.name, profile] as const))('the %s rules', (_, profile) => {
  test(
    'fire when they must, and only then',
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'tests.yml')
      writeFileSync(file, JSON.stringify(testFile(profile)))
      const { out, err, code } = await promtool(['test', 'rules', file])
      expect(out + err).not.toContain('FAILED')
      expect(code).toBe(0)
    },
    WITH_INSTALL,
  )

  test(
    'are clean for promtool',
    async () => {
      const { out, err, code } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', ruleFile(profile)])
      expect(out + err).toContain('SUCCESS')
      expect(code).toBe(0)
    },
    WITH_INSTALL,
  )

  test.each(alerts(profile).map(alert => [alert.name, alert] as const))(
    '%s has all that an alert needs',
    (name, alert) => {
      expect(alert.summary).toMatch(/^[A-Z].*\.$/)
      expect(alert.description.length).toBeGreaterThan(40)
      expect(alertingRule(alert).annotations.runbook_url).toEndWith(`/monitoring/runbooks/${name}.md`)
      const tests = testFile(profile).tests.map(test => test.name)
      const isReplayed = REPLAYS.some(({ lives }) => lives.some(({ alert }) => alert === name))
      expect(isReplayed || tests.some(test => test.startsWith(`${name}: `))).toBeTrue()

      const runbook = join(import.meta.dir, '../runbooks', `${name}.md`)
      expect(existsSync(runbook)).toBeTrue()
      const headings = readFileSync(runbook, 'utf8').match(/^##? .*$/gm)
      expect(headings).toEqual([
        `# ${name}`,
        '## Meaning',
        '## Impact',
        '## Diagnosis',
        '## Mitigation',
        '## Confirmation',
      ])
    },
  )
})

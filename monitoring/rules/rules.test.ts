import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WITH_INSTALL } from '../../test/programs.ts'
import { GENERATED } from '../generate.ts'
import { BUDGET_SCENARIOS } from '../incidents/budget-scenarios.ts'
import { rulesFor, runRuleTests } from '../incidents/run-rule-tests.ts'
import { unitTests } from '../incidents/unit-tests.ts'
import { PROFILES, type Profile } from '../profiles.ts'
import { selectorsOf } from '../promql.ts'
import { promtool } from '../promtool.ts'
import { alertingRule, runbookPath } from '../rule.ts'
import { EXPECTED_JOBS, EXPORTERS, JOBS } from '../targets.ts'
import { alerts, ruleGroups } from './rules.ts'

const generated = (profile: Profile) => join(GENERATED, `rules.${profile.name}.yml`)

/** The alerts of a profile, each with the rules that it needs. */
const tested = (profile: Profile) =>
  ruleGroups(profile).flatMap(({ alerts, rules }) =>
    alerts.map(({ name }) => ({ name, rules: rulesFor(rules, [name]) })),
  )

test('every runbook belongs to an alert', async () => {
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

describe('docs/reference/alerts.md', () => {
  const rows = readFileSync(join(import.meta.dir, '../../docs/reference/alerts.md'), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
  const rules = PROFILES.flatMap(profile => alerts(profile))

  test('lists every alert with its severity', () => {
    const listed = rows.flatMap(([alert = '', , severity]) => {
      const name = /^\[(\w+)\]/.exec(alert)?.[1]
      return name === undefined ? [] : [`${name} ${severity}`]
    })
    expect(new Set(listed)).toEqual(new Set(rules.map(({ name, severity }) => `${name} ${severity}`)))
  })

  test('lists every inhibition with the labels that must be equal', () => {
    const names = new Set(rules.map(({ name }) => name))
    const listed = rows.filter(([source = '']) => names.has(source)).map(cells => cells.join(' | '))
    const inhibitions = rules.flatMap(({ name, inhibits = [] }) =>
      inhibits.map(({ alerts, equal }) => [name, alerts.join(', '), equal.join(', ') || '(always)'].join(' | ')),
    )
    expect(new Set(listed)).toEqual(new Set(inhibitions))
  })
})

describe.each(PROFILES.map(profile => [profile.name, profile] as const))('the %s rules', (_, profile) => {
  const tests = unitTests(profile)

  test.concurrent.each(tested(profile).filter(({ name }) => tests.has(name)))(
    '$name fires in its incidents, and only then',
    async ({ name, rules }) => {
      const run = { rules, evaluationInterval: profile.evaluationInterval, tests: tests.get(name) ?? [] }
      const { outcome, output } = await runRuleTests(run)
      expect(output).not.toContain('FAILED')
      expect(outcome).toBe('passed')
    },
    WITH_INSTALL,
  )

  test(
    'pass the checks of promtool',
    async () => {
      const { out, err, code } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', generated(profile)])
      expect(out + err).toContain('SUCCESS')
      expect(code).toBe(0)
    },
    WITH_INSTALL,
  )

  test('read metrics of the service and of expected jobs only, whose targets TargetMissing watches', () => {
    const namesOf = (matcher: string) => matcher.replace('=~', '').split('|')
    const selectors = ruleGroups(profile).flatMap(({ rules }) => rules.flatMap(({ expr }) => selectorsOf(expr)))
    const recorded = new Set(
      ruleGroups(profile).flatMap(({ rules }) => rules.flatMap(rule => ('record' in rule ? rule.record : []))),
    )
    const read = selectors.filter(({ metric }) => metric !== EXPORTERS.up && !recorded.has(metric))
    const jobs = read.flatMap(({ matchers }) =>
      namesOf(matchers.find(({ name }) => name === 'job')?.value ?? 'any job'),
    )
    const expected = EXPECTED_JOBS.flatMap(({ matcher }) => namesOf(matcher))
    expect([...new Set(jobs)].sort()).toEqual([JOBS.service, ...expected].sort())
  })

  test('inhibit alerts of the same area only, and only where the inhibiting alert is critical', () => {
    const rules = alerts(profile)
    const inhibiting = rules.filter(({ inhibits }) => inhibits !== undefined)
    expect(inhibiting).not.toEqual([])
    for (const { area, severity, inhibits } of inhibiting) {
      expect(severity).toBe('critical')
      for (const name of inhibits?.flatMap(({ alerts }) => alerts) ?? [])
        expect(rules.find(alert => alert.name === name)?.area).toBe(area)
    }
  })

  test.each(alerts(profile).map(alert => [alert.name, alert] as const))(
    '%s has texts, tests and a runbook',
    (name, alert) => {
      expect(alert.summary).toMatch(/^[A-Z].*\.$/)
      expect(alert.description.length).toBeGreaterThan(40)
      expect(alert.description).not.toMatch(/undefined|NaN|\d\.\d{3}/) // numbers and units are for people
      expect(alertingRule(alert).annotations.runbook_url).toEndWith(`/${runbookPath(name)}`)
      const hasScenario = BUDGET_SCENARIOS.some(({ firing }) => firing.some(({ alert }) => alert === name))
      expect(hasScenario || tests.has(name)).toBeTrue()

      const runbook = join(import.meta.dir, '../..', runbookPath(name))
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

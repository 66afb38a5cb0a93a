import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool, WITH_INSTALL } from '../../test/programs.ts'
import { GENERATED } from '../generate.ts'
import { PROFILES, type Profile } from '../profiles.ts'
import { alertingRule } from '../rule.ts'
import { alerts, ruleFile } from '../rules/index.ts'
import { REPLAYS } from './replays.ts'
import { unitTests } from './unit.ts'

const generated = (profile: Profile) => join(GENERATED, `rules.${profile.name}.yml`)

/** The groups of a profile's rule file, each with the names of its alerts. */
const groups = (profile: Profile) =>
  ruleFile(profile).groups.map(group => ({
    ...group,
    alerts: group.rules.flatMap(rule => ('alert' in rule ? [rule.alert] : [])),
  }))

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
  const tests = unitTests(profile)

  // a group at a time, because promtool evaluates every rule that it is given
  test.concurrent.each(groups(profile).filter(({ alerts }) => alerts.some(alert => tests.has(alert))))(
    'of $name fire when they must, and only then',
    async ({ alerts, ...group }) => {
      const folder = mkdtempSync(join(tmpdir(), 'rules-'))
      const write = (name: string, content: object) => {
        writeFileSync(join(folder, name), JSON.stringify(content))
        return join(folder, name)
      }
      const file = write('tests.json', {
        rule_files: [write('rules.json', { groups: [group] })],
        evaluation_interval: profile.evaluationInterval,
        tests: alerts.flatMap(alert => tests.get(alert) ?? []),
      })
      const { out, err, code } = await promtool(['test', 'rules', file])
      expect(out + err).not.toContain('FAILED')
      expect(code).toBe(0)
    },
    WITH_INSTALL,
  )

  test(
    'are clean for promtool',
    async () => {
      const { out, err, code } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', generated(profile)])
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
      const isReplayed = REPLAYS.some(({ lives }) => lives.some(({ alert }) => alert === name))
      expect(isReplayed || tests.has(name)).toBeTrue()

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

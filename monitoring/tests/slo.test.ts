import { expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtool, WITH_INSTALL } from '../../test/programs.ts'
import { BURN_RATES } from '../objectives.ts'
import { type Duration, PROFILES, secondsOf } from '../profiles.ts'
import { ruleFile } from '../rules/index.ts'
import { dayTests } from './days.ts'

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
    const tests = { rule_files: [rules], evaluation_interval: '1m', tests: dayTests() }
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

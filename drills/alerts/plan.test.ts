import { describe, expect, test } from 'bun:test'
import { PROFILES } from '../../monitoring/profiles.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { alertsOf, CAUSES, dayOfYear, isDrilledOn } from './plan.ts'
import { replays } from './replays.ts'

const names = PROFILES.flatMap(profile => alerts(profile).map(({ name }) => name))

describe.each(['local', 'kubernetes'] as const)('on %s', platform => {
  test('every alert has a drill, or a replay', () => {
    expect(names.filter(name => !isDrilledOn(platform, name) && !replays().has(name))).toEqual([])
  })

  test('every cause is of an alert, and what it rightly raises too are alerts', () => {
    const named = CAUSES[platform].flatMap(({ alert, also = [] }) => [alert, ...also])
    expect(named.filter(name => !names.includes(name))).toEqual([])
  })
})

test('what pods suffer is drilled where there are pods', () => {
  const workload = PROFILES.flatMap(profile => alerts(profile)).filter(({ area }) => area === 'workload')
  expect(workload.filter(({ name }) => !isDrilledOn('kubernetes', name))).toEqual([])
})

test('every replay is of an alert', () => {
  expect([...replays().keys()].filter(name => !names.includes(name))).toEqual([])
})

test('all is every alert; an alert is itself; another name is refused with those that are accepted', () => {
  expect(alertsOf('all', 0).sort()).toEqual([...new Set(names)].sort())
  expect(alertsOf('Exceptions', 0)).toEqual(['Exceptions'])
  expect(() => alertsOf('exceptions', 0)).toThrow(/"exceptions" is not accepted; .*overload, .*all, .*Exceptions/)
})

test('three a day, and each within days', () => {
  const days = Math.ceil(alertsOf('all', 0).length / 3)
  const seen = Array.from({ length: days }, (_, day) => alertsOf('daily', day))
  for (const each of seen) expect(new Set(each).size).toBe(3)
  expect(new Set(seen.flat())).toEqual(new Set(names))
})

test('the year begins with day 0', () => {
  expect(dayOfYear(new Date('2027-01-01T23:59:59Z'))).toBe(0)
  expect(dayOfYear(new Date('2028-12-31T00:00:00Z'))).toBe(365)
})

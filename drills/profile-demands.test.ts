import { expect, test } from 'bun:test'
import { DRILL, PRODUCTION } from '../monitoring/profiles.ts'
import { demandDrillProfile, overloadDuration } from './profile-demands.ts'

test('with the profile production, the overload drill says how long it takes, and leaves no time to an autoscaler', () => {
  expect(overloadDuration(PRODUCTION, false)).toBe(
    'the monitoring has the profile production: alerts are delivered within 219 s, and resolved within 455 s, so that this drill ' +
      'takes about 14 minutes, and longer if measuring the capacity raises an alert',
  )
  expect(() => overloadDuration(PRODUCTION, true)).toThrow(/profile production.*make monitoring PROFILE=drill$/)
})

test('the drills of alerts need the profile drill', () => {
  expect(() => demandDrillProfile(PRODUCTION)).toThrow(/profile production.*make monitoring PROFILE=drill$/)
})

test('the profile drill serves every drill', () => {
  for (const autoscaled of [false, true]) expect(overloadDuration(DRILL, autoscaled)).toBeUndefined()
  demandDrillProfile(DRILL)
})

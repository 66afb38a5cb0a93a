import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Progress } from '../lib/progress.ts'
import { UserError } from '../lib/user-error.ts'
import { PRODUCTION } from '../monitoring/profiles.ts'
import type { Platform } from '../platforms/platform.ts'
import { drillAlerts } from './alerts/drill-alerts.ts'
import { drillOnStack } from './overload/drill-on-stack.ts'

/** A stack whose monitoring has the profile production, and which stops a drill at its first step. */
const platform = {
  name: 'kubernetes',
  status: async () => ({ replicas: 2, monitoring: true, cpuLimit: '', parts: [] }),
  profile: async () => PRODUCTION,
  deliveries: async () => undefined,
  install: () => Promise.reject(new UserError('the first step')),
  scale: async () => {},
} as Partial<Platform> as Platform

const signal = new AbortController().signal
const reports = () => mkdtempSync(join(tmpdir(), 'reports-'))

/** What the overload drill says until its first step, and how it ends. */
async function overload(autoscaled: boolean) {
  const said: string[] = []
  const progress: Progress = { title: '', step: () => {}, now: () => {}, say: line => said.push(line), end: () => {} }
  const options = { ownStack: false, autoscaled, keep: false, reports: reports(), replicas: 3, seed: 1 }
  const ended = await drillOnStack(platform, options, progress, signal).catch((error: Error) => error.message)
  return { said, ended }
}

test('with the profile production, the overload drill says first how long it takes', async () => {
  expect(await overload(false)).toEqual({
    said: [
      'the monitoring has the profile production: alerts are delivered within 219 s, and resolved within 455 s, so that this drill ' +
        'takes about 14 minutes, and longer if measuring the capacity raises an alert',
    ],
    ended: 'the first step',
  })
})

test('the drills that the profile production cannot serve are refused before anything is done', async () => {
  expect((await overload(true)).ended).toEndWith('install the profile drill: make monitoring PROFILE=drill')
  const alert = drillAlerts('HighLatency', ['HighLatency'], platform, reports(), new AbortController())
  await expect(alert).rejects.toThrow(/profile production.*make monitoring PROFILE=drill$/)
})

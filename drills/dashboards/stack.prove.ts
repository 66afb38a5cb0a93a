// The targets of make on one local stack; then its Prometheus and its dashboards are checked.
import { afterAll, describe, expect, test } from 'bun:test'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { PROFILES } from '../../monitoring/profiles.ts'
import { ruleFile } from '../../monitoring/rules/rules.ts'
import { JOBS } from '../../monitoring/targets.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { nothingLeft, surroundings } from '../../test/drill.ts'
import { make as makeTarget, runMake } from '../../test/make.ts'
import { WITH_INSTALL } from '../../test/programs.ts'
import { alertsBetween, REST_SECONDS, recordSamples, runHour } from '../../test/rest.ts'

/** Timeout of a target of make in milliseconds. Three drills take longest. */
const TIMEOUT = 400_000

const place = surroundings(26_110)
afterAll(async () => {
  await runMake('down', { env: place.env })
}, TIMEOUT)

/** Runs a target of make and returns its output. Throws with the output if the target fails. */
const make = (target: string, variables: Readonly<Record<string, string>> = {}) =>
  makeTarget(target, { env: { ...place.env, ...variables } })

/** The data of an answer of Prometheus' HTTP API. */
async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${place.ports.PROMETHEUS_PORT}/api/v1/${path}`)
  return ((await answer.json()) as { data: T }).data
}

test('make up brings up a stack', () => make('up', { FAULTS: 'on' }), WITH_INSTALL)

describe('a stack at rest', () => {
  const prometheus = new PrometheusClient(async () => `http://127.0.0.1:${place.ports.PROMETHEUS_PORT}`)
  let recorded: Awaited<ReturnType<typeof recordSamples>> = []

  test(
    'has no alert pending or firing but Watchdog, from its start on',
    async () => {
      await Bun.sleep(REST_SECONDS * 1000)
      const now = Date.now() / 1000
      recorded = await recordSamples(prometheus, now - REST_SECONDS / 2, now)
      expect(await alertsBetween(prometheus, now - REST_SECONDS, now)).toEqual([])
    },
    TIMEOUT + REST_SECONDS * 1000,
  )

  test.concurrent.each(PROFILES)(
    'would have none for an hour, by the rules of the profile $name',
    async profile => {
      const { outcome, output } = await runHour(profile, recorded)
      expect({ outcome, output }).toEqual({ outcome: 'passed', output })
    },
    TIMEOUT,
  )
})

test('make alerts shows that Watchdog was delivered', async () =>
  expect(await make('alerts')).toMatch(/^Watchdog was last delivered .* \(\d+ s ago\)\.$/m))

test(
  'make drill proves the daily alerts',
  async () => expect(await make('drill', { DRILL: 'daily' })).toContain('3 of 3 alerts passed'),
  TIMEOUT,
)

test('make fault injects a fault', async () => expect(await make('fault', { FAULT: 'exception' })).toStartWith('500 '))

test('make load runs a load', () => make('load', { SCENARIO: 'load', RATE: '20', DURATION: '20' }), TIMEOUT)

test('every metric of the catalogue is scraped, with its type and help', async () => {
  const target = encodeURIComponent(`{job="${JOBS.service}"}`)
  const metadata = await ask<{ metric: string; type: string; help: string }[]>(
    `targets/metadata?match_target=${target}`,
  )
  for (const { name, kind, help } of Object.values(catalogue))
    expect(metadata).toContainEqual(expect.objectContaining({ metric: name, type: kind, help }))
})

test('every rule is loaded and evaluated without an error', async () => {
  const names = ruleFile(PROFILE).groups.flatMap(({ rules }) =>
    rules.map(rule => ('record' in rule ? rule.record : rule.alert)),
  )
  const { groups } = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')
  const loaded = groups.flatMap(({ rules }) => rules)
  expect(loaded.map(({ name }) => name).sort()).toEqual(names.sort())
  expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([])
})

test(
  'make dashboards: every query of every panel has an answer',
  async () => {
    const table = await make('dashboards')
    console.log(table)
    expect(table).not.toContain('no load in')
  },
  TIMEOUT,
)

test(
  'make down leaves nothing',
  async () => {
    await make('down')
    await nothingLeft(place)
  },
  TIMEOUT,
)

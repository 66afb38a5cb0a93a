import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { GENERATED } from '../monitoring/generate.ts'
import { PROFILES } from '../monitoring/profiles.ts'
import { ruleFile } from '../monitoring/rules/index.ts'
import { JOBS } from '../monitoring/targets.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { fromSource, type ServiceProcess, startProcess } from './process.ts'
import { WITH_INSTALL } from './programs.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'

const profile = PROFILES.find(({ name }) => name === 'drill') as (typeof PROFILES)[number]
let service: ServiceProcess
let prometheus: Prometheus

beforeAll(async () => {
  service = await startProcess(fromSource('src/main.ts'))
  prometheus = await startPrometheus({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(GENERATED, `rules.${profile.name}.yml`)],
    scrape_configs: [{ job_name: JOBS.service, static_configs: [{ targets: [new URL(service.metricsUrl).host] }] }],
  })
}, WITH_INSTALL)
afterAll(() => Promise.all([prometheus?.stop(), service?.stop()]))

/** Asks until the answer is there, for a minute at most. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await Bun.sleep(250)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error(`not within a minute: ${what}`)
}

interface Rule {
  readonly name: string
  readonly health: string
  readonly state?: string
}

async function rules(): Promise<Rule[]> {
  const { groups } = (await prometheus.get('/api/v1/rules')) as unknown as { groups: { rules: Rule[] }[] }
  return groups.flatMap(group => group.rules)
}

test('it is scraped, and every metric of the catalogue is there with its type and help', async () => {
  type Metadata = Record<string, { type: string; help: string }[]>
  const metadata = await eventually('metadata', async () => {
    const all = (await prometheus.get('/api/v1/metadata')) as Metadata
    return Object.values(catalogue).every(({ name }) => all[name]) ? all : undefined
  })
  for (const { name, kind, help } of Object.values(catalogue))
    expect(metadata[name]).toEqual([expect.objectContaining({ type: kind, help })])
}, 90_000)

test('every rule is loaded and evaluated without an error', async () => {
  const names = ruleFile(profile).groups.flatMap(group =>
    group.rules.map(rule => ('record' in rule ? rule.record : rule.alert)),
  )
  const evaluated = await eventually('evaluation', async () => {
    const all = await rules()
    return all.every(({ health }) => health !== 'unknown') ? all : undefined
  })
  expect(evaluated.map(({ name }) => name).sort()).toEqual(names.sort())
  expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([])
}, 90_000)

test('calm: only Watchdog fires', async () => {
  await eventually('calm', async () => {
    const active = (await rules()).filter(({ state }) => state !== undefined && state !== 'inactive')
    return active.map(({ name, state }) => `${name} ${state}`).join() === 'Watchdog firing' || undefined
  })
}, 90_000)

import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { costLines } from '../platforms/google/costs.ts'
import { contextOf, readGoogleSettings } from '../platforms/google/google-settings.ts'
import { CACHE_VARIABLE, SERVICE_CONFIG } from '../service.config.ts'
import { runSteps, stepsOf } from './document.ts'
import { googlePrograms } from './google.ts'

const ROOT = resolve(import.meta.dir, '..')
const DOCUMENT = 'docs/cloud.md'
const text = readFileSync(join(ROOT, DOCUMENT), 'utf8')
const settings = readGoogleSettings({ PROJECT: 'my-project-1', ZONE: 'europe-west1-b' })

test('up, deploy, links and down end as docs/cloud.md shows, and leave nothing', async () => {
  const { path, project, calls } = googlePrograms(contextOf(settings))
  const { MAKEFLAGS, MAKEOVERRIDES, KUBE_CONTEXT, PLATFORM, ...others } = process.env
  const env = {
    ...others,
    PATH: path,
    SOURCE_RANGES: '203.0.113.7/32', // the address of this machine is not asked for
    [CACHE_VARIABLE]: mkdtempSync(join(tmpdir(), 'cache-')),
  }
  const steps = stepsOf(text).filter(({ output }) => output !== undefined)
  expect(steps.map(({ command }) => command.split(' ')[1])).toEqual([
    'cloud-up',
    'cloud-up',
    'cloud-deploy',
    'cloud-links',
    'cloud-down',
  ])
  const [down, ...before] = steps.toReversed()
  await runSteps(DOCUMENT, before.toReversed(), ROOT, env)
  expect(project().ours()).toContain(`forwarding-rules a${SERVICE_CONFIG.name}`)
  expect(calls().join('\n')).toContain('loadBalancerSourceRanges:\n  - 203.0.113.7/32')
  await runSteps(DOCUMENT, down ? [down] : [], ROOT, env)
  expect(project().ours()).toEqual([])
}, 120_000)

test('the costs of the document are those of the code', () => {
  for (const spot of [false, true]) for (const line of costLines({ ...settings, spot })) expect(text).toContain(line)
})

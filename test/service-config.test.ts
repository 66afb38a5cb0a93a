import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { documentUrl, SERVICE_CONFIG } from '../chosen-service.ts'
import { description, name } from '../package.json'
import { readConfig } from '../src/config.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { startService } from '../src/service.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { expectAnswers } from './answers.ts'
import { sourceFiles } from './source-files.ts'

const ROOT = join(import.meta.dir, '..')
const read = (file: string) => Bun.file(join(ROOT, file)).text()

// A name of one word may be a word of other code.
test.skipIf(!name.includes('-'))('only service.config.ts names the service: other code reads it', () => {
  const spelling = new RegExp(name.replaceAll('-', '[-_ ]?'), 'i')
  const naming = sourceFiles().filter(({ source }) => spelling.test(source))
  expect(naming.map(({ file }) => file)).toEqual(['service.config.ts'])
})

test('files that cannot read service.config.ts say the same', async () => {
  expect({ name, description }).toEqual({ name: SERVICE_CONFIG.name, description: SERVICE_CONFIG.description })
  const [dockerfile, makefile, tiltfile] = await Promise.all(['Dockerfile', 'Makefile', 'Tiltfile'].map(read))
  const { ports } = SERVICE_CONFIG
  expect(dockerfile).toContain(`image.title="${name}"`)
  expect(dockerfile).toContain(`image.description="${description}"`)
  expect(dockerfile).toContain(`EXPOSE ${ports.api} ${ports.metrics}\n`)
  expect(makefile).toContain(`--outfile dist/${name}\n`)
  expect(tiltfile).toContain(`port_forward(${ports.api}, ${ports.api},`)
  for (const part of ['prometheus', 'alertmanager', 'grafana'] as const)
    expect(tiltfile).toContain(`page('${part}', ${ports[part]},`)
})

test('each link to the repository leads to a file of it', async () => {
  const { stdout } = Bun.spawnSync(
    ['grep', '-rhoE', `${SERVICE_CONFIG.repository}/[^" )>]+`, '--', 'helm', 'k8s', 'monitoring/generated'],
    { cwd: ROOT },
  )
  const links = [...new Set(stdout.toString().trim().split('\n'))]
  expect(links.length).toBeGreaterThan(20)
  const prefix = documentUrl('')
  expect(links.filter(link => !link.startsWith(prefix) || !existsSync(join(ROOT, link.slice(prefix.length))))).toEqual(
    [],
  )
})

test.each([
  ['https://github.com/a/b', 'https://github.com/a/b/blob/HEAD/docs/c.md'],
  ['https://gitlab.com/a/b', 'https://gitlab.com/a/b/-/blob/HEAD/docs/c.md'],
  ['https://b.example', 'https://b.example/docs/c.md'],
])('the files of %s have addresses', (repository, url) => {
  expect(documentUrl('docs/c.md', { ...SERVICE_CONFIG, repository })).toBe(url)
})

test('the service answers the probe, the load and the smoke test as service.config.ts says', async () => {
  const env = { PORT: '0', METRICS_PORT: '0', READINESS_DELAY_SECONDS: '0' }
  const service = await startService(OWN_SERVICE, readConfig(env, {}), createLogger('silent'))
  using stack = new DisposableStack()
  stack.defer(() => void service.close())
  await expectAnswers(service.url, SERVICE_CONFIG)
})

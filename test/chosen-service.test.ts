import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { Glob } from 'bun'
import { configIn } from '../chosen-service.ts'
import { collect } from '../lib/process.ts'
import { SERVICE_CONFIG } from '../service.config.ts'
import { WITH_INSTALL } from './programs.ts'

const ROOT = resolve(import.meta.dir, '..')

const run = (SERVICE: string, ...command: string[]) =>
  collect([process.execPath, ...command], { cwd: ROOT, env: { ...process.env, SERVICE } })

test('SERVICE names the folder of the service that commands act on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'other-'))
  await Bun.write(join(folder, 'service.config.ts'), "export const SERVICE_CONFIG = { name: 'other' }")
  const script = "console.log((await import('./chosen-service.ts')).SERVICE_CONFIG.name)"
  expect(await run(relative(ROOT, folder), '-e', script)).toMatchObject({ out: 'other\n' })
})

const others = [...new Glob('examples/*/service.config.ts').scanSync(ROOT)].map(dirname)

test.each(others)(
  'the alerts of %s fire in their incidents and have texts and runbooks, and its dashboards keep the rules of the lint',
  async folder => {
    const alerts = [...new Glob('runbooks/*.md').scanSync(join(ROOT, folder))].map(path => basename(path, '.md'))
    const rules = await run(folder, 'test', 'monitoring/rules/rules.test.ts', '-t', alerts.join('|'))
    expect(rules).toMatchObject({ code: 0, err: expect.stringContaining(`\n ${4 * alerts.length} pass\n`) })
    expect(await run(folder, 'test', 'monitoring/dashboards/dashboards.test.ts')).toMatchObject({ code: 0 })
  },
  WITH_INSTALL,
)

test('the configuration in a folder is read, and a folder without one is refused', () => {
  expect(configIn('.')).toBe(SERVICE_CONFIG)
  expect(() => configIn('typo')).toThrow(
    `SERVICE: "typo" is not accepted (Cannot find module './typo/service.config.ts'); it takes a folder with a service.config.ts`,
  )
})

test('a command refuses a folder without a service, in one line with the folders that have one', async () => {
  const { code, out, err } = await run('typo', 'cli/main.ts', 'demo')
  expect({ code, out }).toEqual({ code: 2, out: '' })
  const reason = "Cannot find module './typo/service.config.ts'"
  expect(err).toStartWith(`SERVICE: "typo" is not accepted (${reason}); it takes a folder with a service.config.ts: .`)
  expect(err).toMatch(/: \.(, [\w/-]+)*\n$/)
})

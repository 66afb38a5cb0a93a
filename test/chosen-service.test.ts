import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { collect } from '../lib/process.ts'

const ROOT = resolve(import.meta.dir, '..')

const run = (SERVICE: string, ...command: string[]) =>
  collect([process.execPath, ...command], { cwd: ROOT, env: { ...process.env, SERVICE } })

test('SERVICE names the folder of the service that commands act on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'other-'))
  await Bun.write(join(folder, 'service.config.ts'), "export const SERVICE_CONFIG = { name: 'other' }")
  const script = "console.log((await import('./chosen-service.ts')).SERVICE_CONFIG.name)"
  expect(await run(relative(ROOT, folder), '-e', script)).toMatchObject({ out: 'other\n' })
})

test('a command refuses a folder without a service, in one line with the folders that have one', async () => {
  const { code, out, err } = await run('typo', 'cli/main.ts', 'demo')
  expect({ code, out }).toEqual({ code: 2, out: '' })
  const reason = "Cannot find module './typo/service.config.ts'"
  expect(err).toStartWith(`SERVICE: "typo" is not accepted (${reason}); it takes a folder with a service.config.ts: .`)
  expect(err).toMatch(/: \.(, [\w/-]+)*\n$/)
})

// Preloaded by `bun test`: what tests write into the folder of temporary files goes into one of their own, removed at the end;
// and servers of tests are asked directly where HTTP_PROXY is set, and k6 runs what the tests say.
import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bypassProxyForLoopback } from '../lib/loopback.ts'

const folder = mkdtempSync(join(tmpdir(), 'tipping-point-tests-'))
process.env.TMPDIR = folder
bypassProxyForLoopback()
for (const name of Object.keys(process.env)) if (name.startsWith('K6_')) delete process.env[name]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

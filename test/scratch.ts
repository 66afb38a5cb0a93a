// Preloaded by `bun test`. Temporary files go into a folder that is removed at the end, requests to this machine bypass
// HTTP_PROXY, and K6_ variables of the user do not reach k6.
import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bypassProxyForLoopback } from '../lib/loopback.ts'

const folder = mkdtempSync(join(tmpdir(), 'tests-of-the-service-'))
process.env.TMPDIR = folder
bypassProxyForLoopback()
for (const name of Object.keys(process.env)) if (name.startsWith('K6_')) delete process.env[name]
afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000) // a test may copy all packages

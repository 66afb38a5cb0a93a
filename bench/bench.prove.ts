import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from '../lib/process.ts'
import { VARIANT_NAMES } from './variants.ts'

test('a short bench measures every variant and the service', async () => {
  const reports = mkdtempSync(join(tmpdir(), 'bench-'))
  const env = { ...process.env, ROUNDS: '1', SECONDS: '1', REPORTS: reports }
  const { out, err } = await collect([process.execPath, 'cli/main.ts', 'bench'], { env })
  expect(err).toBe('')
  for (const variant of VARIANT_NAMES) expect(out).toMatch(new RegExp(`^${variant} .* \\d+ +\\d\\.\\d{3} `, 'm'))
  expect(out).toMatch(/a scrape +\d{4,} bytes in [\d.]+ ms/)
  expect(out).toMatch(/after an hour's worth of requests .* \d+ MB/)
}, 120_000)

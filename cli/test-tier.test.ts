import { expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from '../lib/process.ts'

const here = (file: string) => JSON.stringify(join(import.meta.dir, file))

/** Runs a tier of one test file that `bun test` alone does not find; the test tries something again and then passes or fails. */
async function runTier(outcome: 'passes' | 'fails') {
  const cwd = mkdtempSync(join(tmpdir(), 'tier-'))
  writeFileSync(
    join(cwd, 'a.prove.ts'),
    `import { expect, test } from 'bun:test'
    import { tryAgain } from ${here('../lib/try-again.ts')}
    let attempts = 0
    test('it', async () => {
      await tryAgain('the drill', 1, async () => { if (attempts++ === 0) throw new Error('of the neighbours') })
      expect(process.env.OF_THE_TIER).toBe('${outcome === 'passes' ? 'on' : 'off'}')
    })`,
  )
  const script = `import { runTests } from ${here('test-tier.ts')}
    process.exit(await runTests(['./a.prove.ts'], new AbortController().signal, { OF_THE_TIER: 'on' }))`
  return collect([process.execPath, '-e', script], { cwd })
}

test('a tier ends with the exit code of its tests, and says how often something was tried again', async () => {
  const passed = await runTier('passes')
  expect(passed.code).toBe(0)
  expect(passed.out).toContain('tried again: the drill, because of the neighbours\n')
  expect(passed.out).toMatch(/\ntests took \d+ s; tried again: 1 times \(the drill\)\n$/)
  const failed = await runTier('fails')
  expect(failed.code).toBe(1)
  expect(failed.out).toMatch(/tried again: 1 times \(the drill\)\n$/)
})

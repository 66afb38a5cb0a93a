import { expect, spyOn, test } from 'bun:test'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { countedIn, repetitionsIn, tryAgain } from './try-again.ts'

/** Runs `tryAgain` on an attempt that fails so many times; what it returned or threw, printed and counted. */
async function repeat(failures: number, repetitions: number) {
  const file = join(mkdtempSync(join(tmpdir(), 'again-')), 'counted')
  writeFileSync(file, '')
  const printed: string[] = []
  const log = spyOn(console, 'log').mockImplementation(line => void printed.push(line))
  const before = { ...process.env }
  Object.assign(process.env, countedIn(file))
  let attempts = 0
  const outcome = await tryAgain('the drill', repetitions, async () => {
    if (attempts++ < failures) throw new Error(`failure ${attempts}\nits details`)
    return 'passed'
  }).catch((error: Error) => error.message)
  for (const variable of Object.keys(countedIn(file))) process.env[variable] = before[variable] ?? ''
  log.mockRestore()
  return { outcome, printed, counted: repetitionsIn(file) }
}

test('an attempt that passes is not repeated', async () => {
  expect(await repeat(0, 2)).toEqual({ outcome: 'passed', printed: [], counted: 'tried again: 0 times' })
})

test('every repetition is printed with its reason, and counted', async () => {
  expect(await repeat(2, 2)).toEqual({
    outcome: 'passed',
    printed: ['tried again: the drill, because failure 1', 'tried again: the drill, because failure 2'],
    counted: 'tried again: 2 times (the drill, the drill)',
  })
})

test('the error of the last attempt is thrown', async () => {
  expect((await repeat(3, 2)).outcome).toBe('failure 3\nits details')
})

test('no test is repeated in a way that is neither printed nor counted', () => {
  const root = resolve(import.meta.dir, '..')
  const files = [...new Bun.Glob('*/**/*.ts').scanSync(root)].filter(file =>
    /^(?!node_modules\/).*\.(test|prove)\.ts$|^e2e\//.test(file),
  )
  expect(files.length).toBeGreaterThan(60)
  expect(files.filter(file => /\bretry: ?\d/.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})

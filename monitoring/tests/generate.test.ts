import { expect, test } from 'bun:test'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { staleFiles, update } from '../generate.ts'

test('what is generated is committed', async () => {
  expect(await staleFiles()).toEqual([])
})

test('what is missing, changed or no more is noticed, and brought up to date', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'))
  expect(await update(folder)).toEqual(['wrote rules.drill.yml', 'wrote rules.production.yml'])
  expect(await update(folder)).toEqual([])
  writeFileSync(join(folder, 'rules.drill.yml'), 'groups: []\n')
  writeFileSync(join(folder, 'old.yml'), '')
  expect(await staleFiles(folder)).toEqual(['old.yml', 'rules.drill.yml'])
  expect(await update(folder)).toEqual(['removed old.yml', 'wrote rules.drill.yml'])
  expect(await staleFiles(folder)).toEqual([])
})

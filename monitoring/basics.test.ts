import { expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { BASICS } from './basics.ts'

const DOCUMENT = resolve(import.meta.dir, '../docs/reference/metrics.md')

test.each(Object.entries(BASICS))('docs/reference/metrics.md has the query of: %s', async (name, query) => {
  const rows = (await Bun.file(DOCUMENT).text()).split('\n').filter(line => line.startsWith(`| ${name} `))
  // in a table `|` would end the cell
  expect(rows.map(row => row.split(/(?<!\\)\|/)[2]?.trim())).toEqual([`\`${query.replaceAll('|', '\\|')}\``])
})

import { expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { BASICS } from './basics.ts'

const README = resolve(import.meta.dir, '../README.md')

test.each(Object.entries(BASICS))('the README has the query of: %s', async (name, query) => {
  const rows = (await Bun.file(README).text()).split('\n').filter(line => line.startsWith(`| ${name} `))
  // in a table `|` would end the cell
  expect(rows.map(row => row.split(/(?<!\\)\|/)[2]?.trim())).toEqual([`\`${query.replaceAll('|', '\\|')}\``])
})

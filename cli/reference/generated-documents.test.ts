import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { PRODUCTION } from '../../monitoring/profiles.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { SERVICE_CONFIG } from '../../service.config.ts'
import { SETTINGS } from '../../src/config.ts'
import { catalogue } from '../../src/telemetry/catalogue.ts'
import { VARIABLES } from '../variables.ts'
import { diagramsOf, staleDocuments, updateDocuments } from './generated-documents.ts'
import { markdownTable } from './markdown-page.ts'

test('the generated documents are up to date; make generate updates them', async () => {
  expect(await staleDocuments()).toEqual([])
}, 60_000)

test('missing, changed and surplus documents are stale, and an update corrects them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'documents-'))
  const changes = await updateDocuments(root)
  expect(changes).toHaveLength(7)
  expect(await updateDocuments(root)).toEqual([])
  const page = join(root, 'docs/reference/generated/api.md')
  writeFileSync(page, 'edited')
  writeFileSync(join(root, 'docs/reference/generated/old.md'), '')
  const [changed, surplus] = ['docs/reference/generated/api.md', 'docs/reference/generated/old.md']
  expect(await staleDocuments(root)).toEqual([changed, surplus])
  expect(await updateDocuments(root)).toEqual([`wrote ${changed}`, `removed ${surplus}`])
  expect(await staleDocuments(root)).toEqual([])
}, 60_000)

const read = (name: string) =>
  readFileSync(join(import.meta.dir, '../../docs/reference/generated', `${name}.md`), 'utf8')

test.each([
  ['api', [`\`GET ${SERVICE_CONFIG.load.route}\``, '`POST /faults/crash`', '`requestId`']],
  ['configuration', Object.values(SETTINGS).map(({ variable, fallback }) => `| \`${variable}\` | \`${fallback}\` |`)],
  ['metrics', Object.values(catalogue).map(({ name, kind }) => `| \`${name}\` | ${kind} |`)],
  ['rules', alerts(PRODUCTION).flatMap(({ name, expr }) => [`### ${name}\n`, `\n${expr}\n`])],
  ['dashboards', [...dashboards.values()].flatMap(({ title, uid }) => [`## ${title}\n`, `[\`${uid}.json\`]`])],
  ['make', Object.keys(VARIABLES).map(target => `| \`make ${target}\` |`)],
])('the page %s has every entry', (name, entries) => {
  for (const entry of entries) expect(read(name)).toContain(entry)
})

test('a cell of a table keeps its pipes and has no line break', () => {
  expect(markdownTable(['a'], [['x|y\nz']])).toBe('| a |\n| --- |\n| x\\|y z |')
})

test('the diagrams of a document are found in order', () => {
  expect(diagramsOf('```mermaid\na\n```\ntext\n```sh\nb\n```\n```mermaid\nc\nd\n```\n')).toEqual(['a\n', 'c\nd\n'])
})

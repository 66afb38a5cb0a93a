import { describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { deliveryBounds } from '../drills/overload/bounds.ts'
import { DRILL, PRODUCTION, PROFILES } from '../monitoring/profiles.ts'
import { ruleGroups } from '../monitoring/rules/rules.ts'
import { CLUSTER_METRICS, EXPORTERS, LOAD_METRICS } from '../monitoring/targets.ts'
import { CACHE_VARIABLE } from '../service.config.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { GRAFANA, PROGRAMS } from '../tools/programs.ts'
import {
  anchorOf,
  brokenLinks,
  documents,
  metricsIn,
  missingPaths,
  quotedMessages,
  targetsIn,
  wrongFigures,
} from './document-references.ts'

import { sourceFiles } from './source-files.ts'

const all = documents()
const read = (file: string) => readFileSync(resolve(import.meta.dir, '..', file), 'utf8')
const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):.*## /gm)].map(([, target]) => target as string)

test('there are documents', () => {
  expect(all.length).toBeGreaterThan(40)
})

test('every link leads to a file of the project, and to a heading that it has', () => {
  expect(all.flatMap(document => brokenLinks(document))).toEqual([])
})

test('every path in code exists', () => {
  expect(all.flatMap(document => missingPaths(document))).toEqual([])
})

test('every figure that is a link is in the document to which the link leads', () => {
  expect(all.flatMap(document => wrongFigures(document))).toEqual([])
})

test('every target of make exists', () => {
  const unknown = all.flatMap(({ file, text }) =>
    targetsIn(text).flatMap(target => (targets.includes(target) ? [] : [`${file}: make ${target}`])),
  )
  expect(unknown).toEqual([])
})

test('every drilled or mutated alert exists', () => {
  const names = all.flatMap(({ file }) => /runbooks\/(\w+)\.md$/.exec(file)?.[1] ?? []) // each alert has one
  const named = all.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:DRILL=|RULE=|alertname=")([A-Z]\w+)/g)].map(([, name = '']) => ({ file, name })),
  )
  const placeholders = ['YourAlert', 'ALERT', 'ParcelsRefused'] // docs/yours.md has the reader write the last one
  expect(named.filter(({ name }) => ![...names, ...placeholders].includes(name))).toEqual([])
})

test('every metric is one of the catalogue, of an exporter, or a recorded series', () => {
  const families = Object.values(catalogue).map(({ name }) => name)
  const recorded = PROFILES.flatMap(profile =>
    ruleGroups(profile).flatMap(({ rules }) => rules.flatMap(rule => ('record' in rule ? rule.record : []))),
  )
  const read = [EXPORTERS, CLUSTER_METRICS, LOAD_METRICS].flatMap((names): string[] => Object.values(names))
  const known = new Set([...families, ...recorded, ...read])
  const unknown = all.flatMap(({ file, text }) =>
    metricsIn(text)
      .filter(name => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')))
      .map(name => `${file}: ${name}`),
  )
  expect(unknown).toEqual([])
})

test('every name in capitals, such as a variable, is in the source, or one of another program', () => {
  const ofOthers = ['MAXPODS', 'TARGETS', 'READY', 'CURRENT', 'DESIRED', 'QUERY', 'PURGE', 'SO_REUSEPORT']
  const words = new Set([CACHE_VARIABLE, ...ofOthers])
  for (const { file, source } of sourceFiles())
    if (!file.endsWith('document-references.test.ts'))
      for (const word of source.match(/\b[A-Z][A-Z_]{2,}\b/g) ?? []) words.add(word)
  const named = all.flatMap(({ file, text }) =>
    [...text.matchAll(/`([A-Z][A-Z_]{2,})(?:=[^`]*)?`/g)].map(([, name = '']) => ({ file, name })),
  )
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter(({ name }) => !words.has(name))).toEqual([])
})

const [slow, quick] = [deliveryBounds(PRODUCTION), deliveryBounds(DRILL)]

test.each([
  ['docs/reference/dashboards.md', `the official archive of ${GRAFANA.version},`],
  ['docs/local.md', `(${GRAFANA.downloadMegabytes} MB, ${GRAFANA.unpackedMegabytes / 1000} GB on disk)`],
  ['docs/research.md', `within ${slow.delivered} s of the start, and "resolved" within ${slow.resolved} s of the end`],
  ['docs/research.md', `in the profile \`drill\` within ${quick.delivered} s and ${quick.resolved} s.`],
  ['README.md', `(${GRAFANA.downloadMegabytes} MB)`],
  ['docs/kubernetes.md', ` ${/constraint='>=([\d.]+)'/.exec(read('Tiltfile'))?.[1]} or later`],
  ['docs/decisions/programs.md', `a built Alertmanager is ${PROGRAMS.alertmanager.build.version.slice(1)}:`],
])('%s has what the source says: %s', (file, text) => {
  expect(read(file).replace(/\s+/g, ' ')).toContain(text)
})

test('every message that operations.md quotes is in the source', () => {
  const quoted = quotedMessages(all.find(({ file }) => file === 'docs/operations.md')?.text ?? '')
  expect(quoted.length).toBeGreaterThan(20)
  // Literals that are joined over lines, and other quotes.
  const sources = sourceFiles()
    .map(({ source }) => source.replace(/['`] \+\n\s*['`]/g, ''))
    .join('\n')
  expect(quoted.filter(part => !sources.includes(part))).toEqual([])
})

describe('a mistake is reported', () => {
  const root = mkdtempSync(join(tmpdir(), 'documents-'))
  mkdirSync(join(root, 'docs'))
  writeFileSync(join(root, 'docs/b.md'), '# A heading: `code`\n\nIt took 12.5 s.\n')
  const document = (text: string) => ({ file: 'docs/a.md', text })

  test.each([
    ['[x](c.md)', ['docs/a.md: c.md does not exist']],
    ['[x](b.md#none)', ['docs/a.md: b.md#none: docs/b.md has no such heading']],
    ['[x](../../etc)', ['docs/a.md: ../../etc does not exist']],
    ['[![picture](none.png)](b.md)', ['docs/a.md: none.png does not exist']],
    ['[x](b.md#a-heading-code) [x](https://example.org/none) [`x`](b.md)', []],
    ['```sh\n[x](c.md)\n```', []],
  ])('link %j', (text, faults) => expect(brokenLinks(document(text), root)).toEqual(faults))

  test.each([
    ['It took [12.5 s](b.md).', 0],
    ['It took [12 s](b.md).', 1],
    ['See [the figures](b.md).', 0],
  ])('figure %j', (text, faults) => expect(wrongFigures(document(text), root)).toHaveLength(faults))

  test('path', () => {
    expect(missingPaths(document('`docs/b.md` `docs/none.md` `docs/*.md` `/docs/none`'), root)).toEqual([
      'docs/a.md: docs/none.md does not exist',
    ])
  })

  test('targets of make, also several at once, and not the verb', () => {
    expect(
      targetsIn('you make alerts\n`make status links` `KEEP=1 make demo`\n```sh\nmake load SCENARIO=x # make it\n```'),
    ).toEqual([...['load', 'status', 'links', 'demo']])
  })

  test('metrics', () => {
    expect(metricsIn('`http_requests_total{job="x"}` node_load1 `job:http_requests:rate5m` `http_500`')).toEqual([
      'http_requests_total',
      'job:http_requests:rate5m',
    ])
  })

  test('message', () => {
    expect(quotedMessages('| `PORT: … is in use by others; set …` | a | `b c d e f g h i` |')).toEqual([
      'is in use by others; set',
    ])
  })

  test('anchor', () => expect(anchorOf('What `make` does: a, b & c')).toBe('what-make-does-a-b--c'))
})

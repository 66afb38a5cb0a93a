// The conditions of Grafana's importer on a file.
import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboards } from './dashboards.ts'

const FOLDER = join(import.meta.dir, '../../helm/generated/dashboards')
const files = readdirSync(FOLDER).filter(file => file.endsWith('.json'))

/** Panel types that Grafana has without plugins. */
const CORE = new Set(['row', 'timeseries', 'stat', 'table', 'heatmap', 'state-timeline'])

/** Every value of a key, at any depth. */
function valuesOf(key: string, json: unknown): unknown[] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).flatMap(([name, value]) => [...(name === key ? [value] : []), ...valuesOf(key, value)])
}

test('each dashboard has a file', () => {
  expect(files.sort()).toEqual([...dashboards.values()].map(({ uid }) => `${uid}.json`).sort())
})

test.each(files)('%s can be imported as it is', file => {
  const json = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
  // the importer asks the user for each input; here the data source is a variable
  expect(json.__inputs ?? []).toEqual([])
  expect(JSON.stringify(json)).not.toMatch(/\$\{DS_|__elements|__requires/)
  // Grafana migrates older schemas, and refuses resources of its new API
  expect(json.schemaVersion).toBeGreaterThanOrEqual(38)
  expect(json.id ?? null).toBeNull()
  expect(json).not.toHaveProperty('spec')
  expect(json.uid).toMatch(/^[\w-]{1,40}$/)
  expect(json.title.trim()).not.toBe('')
  // no data source of one Grafana
  const used = valuesOf('datasource', json) as { type?: string; uid?: string }[]
  expect(used.length).toBeGreaterThan(5)
  for (const { type, uid } of used) expect({ type, uid }).toEqual({ type: 'prometheus', uid: '$datasource' })
  const [datasource] = json.templating.list
  expect(datasource).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
  for (const type of json.panels.map((panel: { type: string }) => panel.type)) expect(CORE).toContain(type)
})

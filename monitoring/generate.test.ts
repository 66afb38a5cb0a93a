import { expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dashboards } from './dashboards/dashboards.ts'
import { staleFiles, update } from './generate.ts'

const FILES = [
  'helm/generated/blackbox-exporter.yaml',
  'helm/generated/dashboards/kustomization.yaml',
  ...[...dashboards.values()].map(({ uid }) => `helm/generated/dashboards/${uid}.json`).sort(),
  'helm/generated/grafana.drill.yaml',
  'helm/generated/grafana.production.yaml',
  'helm/generated/operator.production.yaml',
  'helm/generated/prometheus.drill.yaml',
  'helm/generated/prometheus.production.yaml',
  ...['probe', 'prometheusrule', 'servicemonitor'].map(name => `k8s/components/operator/generated/${name}.yaml`),
  'k8s/managed/generated/resources.yaml',
  'monitoring/generated/rules.drill.yml',
  'monitoring/generated/rules.production.yml',
].sort()

test('the generated files are committed', async () => {
  expect(await staleFiles()).toEqual([])
})

test('missing, changed and surplus files are stale, and an update corrects them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'generated-'))
  expect(await update(root)).toEqual(FILES.map(file => `wrote ${file}`))
  expect(await update(root)).toEqual([])
  writeFileSync(join(root, 'monitoring/generated/rules.drill.yml'), 'groups: []\n')
  writeFileSync(join(root, 'helm/generated/dashboards/old.json'), '{}')
  mkdirSync(join(root, 'monitoring/rules'))
  writeFileSync(join(root, 'monitoring/rules/by-hand.yml'), '') // not in a generated folder
  expect(await staleFiles(root)).toEqual(['helm/generated/dashboards/old.json', 'monitoring/generated/rules.drill.yml'])
  expect(await update(root)).toEqual([
    'removed helm/generated/dashboards/old.json',
    'wrote monitoring/generated/rules.drill.yml',
  ])
  expect(await staleFiles(root)).toEqual([])
})

test('each dashboard fits into a ConfigMap', () => {
  const root = join(import.meta.dir, '..')
  for (const file of FILES.filter(file => file.endsWith('.json')))
    expect(statSync(join(root, file)).size).toBeLessThan(2 ** 20) // the API server's limit
})

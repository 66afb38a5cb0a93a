import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboards } from './dashboards/dashboards.ts'
import { blackboxValues, grafanaValues, prometheusValues } from './helm.ts'
import { managedResources } from './managed.ts'
import { dashboardConfigMaps, operatorResources, operatorValues } from './operator.ts'
import { PRODUCTION, PROFILES } from './profiles.ts'
import { ruleFile } from './rules/rules.ts'

const ROOT = join(import.meta.dir, '..')

/** Folder of the generated rule files. */
export const GENERATED = join(import.meta.dir, 'generated')

/** Folders that contain generated files only. They are committed, so that nobody needs Bun to use them. */
const FOLDERS = ['monitoring/generated', 'helm/generated', 'k8s/components/operator/generated', 'k8s/managed/generated']

const UIDS = [...dashboards.values()].map(({ uid }) => uid as string)

/** The text of each generated file by its path below the root. The files for the operator and for Google have the profile `production` only. */
function generate(): Map<string, string> {
  const objects: Readonly<Record<string, object>> = {
    'helm/generated/blackbox-exporter.yaml': blackboxValues,
    'helm/generated/dashboards/kustomization.yaml': dashboardConfigMaps(UIDS),
    'helm/generated/operator.production.yaml': operatorValues(PRODUCTION),
    'k8s/managed/generated/resources.yaml': {
      apiVersion: 'v1',
      kind: 'List',
      items: managedResources(PRODUCTION),
    },
  }
  const files = new Map(Object.entries(objects))
  for (const profile of PROFILES) {
    files.set(`monitoring/generated/rules.${profile.name}.yml`, ruleFile(profile))
    files.set(`helm/generated/prometheus.${profile.name}.yaml`, prometheusValues(profile))
    files.set(`helm/generated/grafana.${profile.name}.yaml`, grafanaValues(profile))
  }
  for (const [name, resource] of operatorResources(PRODUCTION))
    files.set(`k8s/components/operator/generated/${name}.yaml`, resource)
  const header = '# Generated from monitoring/ by `make generate`. Do not edit.\n'
  const texts = new Map<string, string>()
  for (const [file, content] of files) texts.set(file, `${header}${Bun.YAML.stringify(content, null, 2)}\n`)
  for (const dashboard of dashboards.values())
    texts.set(`helm/generated/dashboards/${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 2)}\n`)
  return texts
}

/** Paths, below the root, of generated files that are missing, out of date, or not generated any more. */
export async function staleFiles(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const present = FOLDERS.flatMap(folder => [...new Bun.Glob(`${folder}/**`).scanSync(root)])
  const stale: string[] = []
  for (const name of new Set([...fresh.keys(), ...present])) {
    const file = Bun.file(join(root, name))
    if (!(await file.exists()) || (await file.text()) !== fresh.get(name)) stale.push(name)
  }
  return stale.sort()
}

/** Writes and removes files until none is stale. Returns one line for each changed file. */
export async function update(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const changes = (await staleFiles(root)).map(async name => {
    const text = fresh.get(name)
    await (text === undefined ? rm(join(root, name)) : Bun.write(join(root, name), text))
    return `${text === undefined ? 'removed' : 'wrote'} ${name}`
  })
  return Promise.all(changes)
}

if (import.meta.main) console.log((await update()).join('\n') || 'All generated files are up to date.')

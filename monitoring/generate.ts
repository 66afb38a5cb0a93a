import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { dashboards } from './dashboards/dashboards.ts'
import { blackboxValues, grafanaValues, prometheusValues } from './helm.ts'
import { dashboardConfigMaps, operatorResources, operatorValues } from './operator.ts'
import { PRODUCTION, PROFILES } from './profiles.ts'
import { ruleFile } from './rules/rules.ts'

const ROOT = join(import.meta.dir, '..')

/** Folder of the generated rule files. */
export const GENERATED = join(import.meta.dir, 'generated')

/** Folders that contain generated files only. They are committed, so that nobody needs Bun to use them. */
const FOLDERS = ['monitoring/generated', 'helm/generated', 'k8s/components/operator/generated']

const UIDS = [...dashboards.values()].map(({ uid }) => uid as string)

/**
 * The text of each generated file by its path below the root. The operator's files have the profile `production` only.
 */
function generate(): Map<string, string> {
  const objects: Readonly<Record<string, object>> = {
    'helm/generated/blackbox-exporter.yaml': blackboxValues,
    'helm/generated/dashboards/kustomization.yaml': dashboardConfigMaps(UIDS),
    'helm/generated/operator.production.yaml': operatorValues(PRODUCTION),
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
  return new Map([
    ...[...files].map(([file, content]) => [file, `${header}${Bun.YAML.stringify(content, null, 2)}\n`] as const),
    ...[...dashboards.values()].map(
      dashboard =>
        [`helm/generated/dashboards/${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 2)}\n`] as const,
    ),
  ])
}

/** Paths, below the root, of the files in the generated folders. */
async function present(root: string): Promise<string[]> {
  const found = FOLDERS.map(async folder => {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
    return entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  })
  return (await Promise.all(found)).flat()
}

/** Paths, below the root, of generated files that are missing, out of date, or not generated any more. */
export async function staleFiles(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const names = new Set([...fresh.keys(), ...(await present(root))])
  const stale = [...names].map(async name => {
    const text = await readFile(join(root, name), 'utf8').catch(() => undefined)
    return text === fresh.get(name) ? [] : [name]
  })
  return (await Promise.all(stale)).flat().sort()
}

/** Writes and removes files until none is stale. Returns one line for each changed file. */
export async function update(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const changes = (await staleFiles(root)).map(async name => {
    const file = join(root, name)
    const text = fresh.get(name)
    await mkdir(dirname(file), { recursive: true })
    await (text === undefined ? rm(file) : writeFile(file, text))
    return `${text === undefined ? 'removed' : 'wrote'} ${name}`
  })
  return Promise.all(changes)
}

if (import.meta.main) console.log((await update()).join('\n') || 'All generated files are up to date.')

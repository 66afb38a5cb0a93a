import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dashboards } from './dashboards/index.ts'
import { blackboxValues, prometheusValues } from './helm.ts'
import { dashboardConfigMaps, operatorResources, operatorValues } from './operator.ts'
import { PROFILES, type Profile } from './profiles.ts'
import { ruleFile } from './rules/index.ts'

const ROOT = join(import.meta.dir, '..')

/** Where the rules are. */
export const GENERATED = join(import.meta.dir, 'generated')

/** Folders below the root that hold what is generated and nothing else; committed, so that nobody needs Bun to use it. */
const FOLDERS = ['monitoring/generated', 'helm/generated', 'k8s/components/operator/generated']

/** What the operator's stack is given: nobody drills on it. */
const PRODUCTION = PROFILES.find(({ name }) => name === 'production') as Profile

const yaml = (content: object) =>
  `# Generated from monitoring/ by \`make generate\`. Do not edit.\n${Bun.YAML.stringify(content, null, 2)}\n`

/** The text of every generated file by its path below the root. */
const generate = () =>
  new Map([
    ...PROFILES.flatMap((profile): [string, string][] => [
      [`monitoring/generated/rules.${profile.name}.yml`, yaml(ruleFile(profile))],
      [`helm/generated/prometheus.${profile.name}.yaml`, yaml(prometheusValues(profile))],
    ]),
    ['helm/generated/blackbox-exporter.yaml', yaml(blackboxValues)],
    ...[...dashboards].map(([name, dashboard]): [string, string] => [
      `helm/generated/dashboards/${name}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
    ['helm/generated/dashboards/kustomization.yaml', yaml(dashboardConfigMaps(dashboards.keys()))],
    ['helm/generated/operator.production.yaml', yaml(operatorValues(PRODUCTION))],
    ...[...operatorResources(PRODUCTION)].map(([name, resource]): [string, string] => [
      `k8s/components/operator/generated/${name}.yaml`,
      yaml(resource),
    ]),
  ])

/** The paths below the root of the files that are in the generated folders. */
async function present(root: string): Promise<string[]> {
  const found = await Promise.all(
    FOLDERS.map(async folder => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => [])
      return entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    }),
  )
  return found.flat().map(file => file.slice(join(root, '/').length))
}

/** The files that are missing, differ from what would be generated, or are not generated any more. */
export async function staleFiles(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const names = new Set([...fresh.keys(), ...(await present(root))])
  const stale = await Promise.all(
    [...names].map(async name => {
      const text = await readFile(join(root, name), 'utf8').catch(() => undefined)
      return text === fresh.get(name) ? [] : [name]
    }),
  )
  return stale.flat().sort()
}

/** Brings what is generated up to date; what it did, a line a file. */
export async function update(root = ROOT): Promise<string[]> {
  const fresh = generate()
  const did = (await staleFiles(root)).map(async name => {
    const file = join(root, name)
    const text = fresh.get(name)
    await mkdir(dirname(file), { recursive: true })
    await (text === undefined ? rm(file) : writeFile(file, text))
    return `${text === undefined ? 'removed' : 'wrote'} ${name}`
  })
  return Promise.all(did)
}

if (import.meta.main) console.log((await update()).join('\n') || 'What is generated is up to date.')

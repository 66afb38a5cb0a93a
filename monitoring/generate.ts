import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROFILES } from './profiles.ts'
import { ruleFile } from './rules/index.ts'

/** Where what is generated is committed, so that Prometheus and Helm need no Bun. */
export const GENERATED = join(import.meta.dir, 'generated')

const HEADER = '# Generated from monitoring/ by `make generate`. Do not edit.\n'

/** The text of every generated file by its name. */
function generate(): Map<string, string> {
  return new Map(
    PROFILES.map(profile => [
      `rules.${profile.name}.yml`,
      `${HEADER}${Bun.YAML.stringify(ruleFile(profile), null, 2)}\n`,
    ]),
  )
}

/** The names of files that are missing, differ from what would be generated, or are not generated any more. */
export async function staleFiles(folder = GENERATED): Promise<string[]> {
  const fresh = generate()
  const committed = await readdir(folder).catch(() => [])
  const names = new Set([...fresh.keys(), ...committed])
  const stale = await Promise.all(
    [...names].map(async name => {
      const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
      return text === fresh.get(name) ? [] : [name]
    }),
  )
  return stale.flat().sort()
}

/** Brings a folder up to date; what it did, a line a file. */
export async function update(folder = GENERATED): Promise<string[]> {
  const fresh = generate()
  await mkdir(folder, { recursive: true })
  const did = (await staleFiles(folder)).map(async name => {
    const text = fresh.get(name)
    await (text === undefined ? rm(join(folder, name)) : writeFile(join(folder, name), text))
    return `${text === undefined ? 'removed' : 'wrote'} ${name}`
  })
  return Promise.all(did)
}

if (import.meta.main) console.log((await update()).join('\n') || 'monitoring/generated is up to date')

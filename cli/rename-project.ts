import { lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { runProgram } from '../lib/process.ts'
import { UserError } from '../lib/user-error.ts'
import type { ServiceConfig } from '../service.config.ts'
import { respell, type ServiceNames, spellingsOf, titleOf } from './spelling.ts'

/** What a rename sets in service.config.ts. */
export type Identity = ServiceNames & Pick<ServiceConfig, 'description' | 'repository'>

/** Grafana takes uids of at most 40 characters, and the longest is NAME-overview. Kubernetes and DNS take 63, NAME-pods included. */
const MAXIMUM_NAME = 40 - '-overview'.length

/** Files whose words do not clash with a name: prose, and the examples, which are services of their own. */
const PROSE = /\.md$|^examples\//
/** A line that shows how to rename. */
const USAGE = /^.*\bNAME\b.*$/gm

/**
 * Reads NAME, and TITLE, REPOSITORY and DESCRIPTION with their defaults. Throws a {@link UserError} for a name that Kubernetes,
 * DNS, Grafana or npm does not take, and for what cannot stand in the files unquoted.
 */
export function readIdentity(env: NodeJS.Dict<string>, present: Identity): Identity {
  const name = readName(env.NAME ?? '')
  const title = env.TITLE || (name === present.name ? present.title : titleOf(name))
  if (!/^[\p{L}\p{N}](?:[\p{L}\p{N} -]*[\p{L}\p{N}])?$/u.test(title))
    throw new UserError(`TITLE: "${title}" is not accepted; it takes letters, digits, spaces and hyphens`)
  const description = env.DESCRIPTION || present.description
  if (!/^[^\p{C}"'`\\$<>]+$/u.test(description))
    throw new UserError(
      `DESCRIPTION: "${description}" is not accepted; it takes one line without quotes, \\, $, < and >`,
    )
  const repository = readRepository(env.REPOSITORY || respell(present.repository, present, { name, title }))
  const identity = { name, title, description, repository }
  if (name !== present.name)
    for (const [key, value] of Object.entries(identity))
      if (spellingsOf(present).test(value))
        throw new UserError(
          `${key.toUpperCase()}: "${value}" contains the present name, ${present.name}; no trace of that would be left, so take another`,
        )
  return identity
}

function readName(name: string): string {
  const refuse = (why: string) => new UserError(`NAME: "${name}" is not accepted: ${why}`)
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw refuse('Kubernetes and DNS take lower-case letters, digits and single hyphens, the first a letter')
  if (name.length > MAXIMUM_NAME)
    throw refuse(`it has ${name.length} characters, and Grafana takes at most ${MAXIMUM_NAME} before "-overview"`)
  if (name.startsWith('kube-')) throw refuse('Kubernetes keeps namespaces with kube- for itself')
  if (builtinModules.includes(name)) throw refuse('npm keeps the names of modules of Node.js for these')
  return name
}

function readRepository(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || /["'`\\$\s?#@]/.test(text))
    throw new UserError(
      `REPOSITORY: "${text}" is not accepted; it takes a URL such as https://github.com/OWNER/REPOSITORY`,
    )
  return text.replace(/\/+$/, '')
}

interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** Text files of a repository, without links. */
async function textFiles(root: string): Promise<ProjectFile[]> {
  const paths = (await runProgram(['git', '-C', root, 'ls-files', '-z'])).split('\0').filter(Boolean)
  const files = await Promise.all(
    paths.map(async path => {
      if (!(await lstat(join(root, path))).isFile()) return []
      const text = await readFile(join(root, path), 'utf8')
      return text.includes('\0') ? [] : [{ path, text }]
    }),
  )
  return files.flat()
}

/** Throws a {@link UserError} when a git repository has changes, which a rename could not be told from. */
async function demandCleanTree(root: string): Promise<void> {
  const changes = (await runProgram(['git', '-C', root, 'status', '--porcelain'])).trimEnd().split('\n').filter(Boolean)
  if (changes.length === 0) return
  const shown = changes.slice(0, 5).join(', ')
  throw new UserError(`the repository has changes (${shown}); commit or stash them, so that git can undo the rename`)
}

/** Throws a {@link UserError} when the new names are words of the repository: the next rename would replace the words, too. */
function demandUnused({ name, title }: ServiceNames, files: readonly ProjectFile[]): void {
  const pattern = spellingsOf({ name, title })
  const using = files
    .filter(({ path, text }) => !PROSE.test(path) && text.replace(USAGE, '').search(pattern) >= 0)
    .map(({ path }) => path)
  if (using.length === 0) return
  const shown = using.slice(0, 3).join(', ')
  throw new UserError(
    `NAME: "${name}" (${title}) is a word in ${using.length} files (${shown}), so no one could tell the name from the word; ` +
      'take another, such as one of two words',
  )
}

/**
 * Renames the service of a repository: rewrites its names in every file and in the names of files, and generates anew. Throws a
 * {@link UserError} before it changes anything.
 * @returns what it changed, a line each
 */
export async function renameProject(root: string, present: Identity, wanted: Identity): Promise<string[]> {
  if (Object.entries(wanted).every(([key, value]) => present[key as keyof Identity] === value))
    throw new UserError(`the service has this name, title, repository and description already: ${wanted.name}`)
  await demandCleanTree(root)
  const all = await textFiles(root)
  // A name of one word is a word of code as well. Code reads the name from service.config.ts.
  const files = present.name.includes('-')
    ? all
    : all.filter(({ path }) => path === 'service.config.ts' || !/^examples\/|\.ts$/.test(path))
  if (wanted.name !== present.name) demandUnused(wanted, all)

  let count = 0
  const replaced = (text: string) => {
    const fixed = text.replaceAll(present.repository, '\0r').replaceAll(present.description, '\0d')
    count += fixed.match(spellingsOf(present))?.length ?? 0
    count += fixed.split('\0').length - 1
    return respell(fixed, present, wanted).replaceAll('\0r', wanted.repository).replaceAll('\0d', wanted.description)
  }
  const changed: string[] = []
  const moved: string[] = []
  for (const { path, text } of files) {
    const [newPath, newText] = [respell(path, present, wanted), replaced(text)]
    if (newText !== text) {
      await writeFile(join(root, path), newText)
      changed.push(newPath)
    }
    if (newPath === path) continue
    await mkdir(dirname(join(root, newPath)), { recursive: true })
    await rename(join(root, path), join(root, newPath))
    moved.push(`${path} → ${newPath}`)
  }
  const bun = join(root, 'node_modules/.bin/bun')
  const generated = await runProgram([bun, 'cli/main.ts', 'generate'], {
    cwd: root,
    env: { ...process.env, SERVICE: '' },
  })
  await runProgram([bun, 'x', 'biome', 'format', '--write', '.'], { cwd: root })
  return [
    `${present.name} → ${wanted.name}, ${present.title} → ${wanted.title}: ${count} places in ${changed.length} files`,
    ...foldersOf(changed),
    ...moved,
    ...generated.trim().split('\n'),
  ]
}

/** The number of changed files in each folder of the root. */
function foldersOf(paths: readonly string[]): string[] {
  const byFolder = Map.groupBy(paths, path => (path.includes('/') ? `${path.split('/')[0]}/` : path))
  return [...byFolder].map(([folder, { length }]) => `  ${folder}${folder.endsWith('/') ? ` ${length} files` : ''}`)
}

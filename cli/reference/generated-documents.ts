import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { renderMermaidSVG } from 'beautiful-mermaid'
import { apiPage } from './api-page.ts'
import { configurationPage } from './configuration-page.ts'
import { dashboardsPage } from './dashboards-page.ts'
import { makePage } from './make-page.ts'
import { metricsPage } from './metrics-page.ts'
import { rulesPage } from './rules-page.ts'

const ROOT = resolve(import.meta.dir, '../..')

/** Folder of the generated pages and of the picture. */
const FOLDER = 'docs/reference/generated'

/** The diagrams of a document in Markdown, in order. */
export const diagramsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, diagram]) => diagram as string)

/** The first diagram of docs/architecture.md as a picture, in the fonts of the reader's system. */
function picture(): string {
  const [first = ''] = diagramsOf(readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8'))
  const svg = renderMermaidSVG(first, { padding: 16, muted: '#4b5563' })
  return `${svg
    .replace(/^ *@import .*\n/m, '')
    .replace("'Inter', ", '')
    .trim()}\n`
}

/** The text of each generated document by its path below the root. */
type Documents = ReadonlyMap<string, string>

async function generate(): Promise<Documents> {
  return new Map([
    [`${FOLDER}/architecture.svg`, picture()],
    [`${FOLDER}/api.md`, await apiPage()],
    [`${FOLDER}/configuration.md`, configurationPage()],
    [`${FOLDER}/metrics.md`, metricsPage()],
    [`${FOLDER}/rules.md`, rulesPage()],
    [`${FOLDER}/dashboards.md`, dashboardsPage()],
    [`${FOLDER}/make.md`, makePage()],
  ])
}

let generated: Promise<Documents> | undefined

/** The documents of this process; its source does not change. To draw the picture takes a second. */
function documentsNow(): Promise<Documents> {
  generated ??= generate()
  return generated
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The documents, below `root`, that are missing, out of date or not generated any more, each with its text. */
async function stale(root: string): Promise<(readonly [file: string, text: string | undefined])[]> {
  const documents = await documentsNow()
  const folder = join(root, FOLDER)
  const present = existsSync(folder) ? readdirSync(folder).map(name => `${FOLDER}/${name}`) : []
  return [...new Set([...documents.keys(), ...present])]
    .map(file => [file, documents.get(file)] as const)
    .filter(([file, text]) => textOf(join(root, file)) !== text)
}

/** Paths of the documents that `make generate` would change. */
export const staleDocuments = async (root = ROOT) => (await stale(root)).map(([file]) => file)

/** Writes and removes documents until none is stale. Returns one line for each change. */
export async function updateDocuments(root = ROOT): Promise<string[]> {
  return (await stale(root)).map(([file, text]) => {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    if (text === undefined) rmSync(path)
    else writeFileSync(path, text)
    return `${text === undefined ? 'removed' : 'wrote'} ${file}`
  })
}

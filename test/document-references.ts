import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'

const ROOT = resolve(import.meta.dir, '..')

/** A document in Markdown; the path is relative to the project. */
export interface MarkdownDocument {
  readonly file: string
  readonly text: string
}

/** The project's documents in Markdown, without those that git ignores. */
export function documents(): MarkdownDocument[] {
  const { stdout } = Bun.spawnSync(['git', 'ls-files', '-co', '--exclude-standard', '*.md'], { cwd: ROOT })
  return stdout
    .toString()
    .trim()
    .split('\n')
    .filter(file => existsSync(join(ROOT, file)))
    .map(file => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))
}

/** The text without its code blocks. */
const prose = (text: string) => text.replace(/^ *(```+)[^\n]*\n.*?^ *\1$/gms, '')

/** Name of the anchor that GitHub gives a heading. */
export const anchorOf = (heading: string) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsIn = (text: string) =>
  [...prose(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => anchorOf(heading as string))

/** The links of a document: their text and where they lead. */
const linksIn = (text: string) =>
  [...prose(text).matchAll(/\[((?:[^[\]]|\[[^\]]*\](?:\([^)]*\))?)*)\]\(<?([^)\s>]+)>?\)/g)].flatMap(
    ([, shown = '', to = '']) => [
      { shown, to },
      ...[...shown.matchAll(/\]\(([^)]+)\)/g)].map(([, inner = '']) => ({ shown: '', to: inner })),
    ],
  )

/** The path of the project to which a link leads; undefined for other addresses. */
function pathOf(file: string, to: string): string | undefined {
  if (/^[a-z]+:/.test(to)) return undefined
  const [path = ''] = to.split('#')
  return path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '')
}

/** One line for each link of a document that leads nowhere. */
export function brokenLinks({ file, text }: MarkdownDocument, root = ROOT): string[] {
  return linksIn(text).flatMap(({ to }) => {
    const path = pathOf(file, to)
    if (path === undefined) return []
    if (path.startsWith('..') || !existsSync(join(root, path))) return [`${file}: ${to} does not exist`]
    const anchor = to.split('#')[1]
    if (anchor === undefined || !path.endsWith('.md')) return []
    const anchors = anchorsIn(path === file ? text : readFileSync(join(root, path), 'utf8'))
    return anchors.includes(anchor) ? [] : [`${file}: ${to}: ${path} has no such heading`]
  })
}

/**
 * One line for each figure that another document does not have. A figure is a link whose text begins with a digit and which leads
 * to a report, such as `[22.4 s](report.md)`.
 */
export function wrongFigures({ file, text }: MarkdownDocument, root = ROOT): string[] {
  return linksIn(text).flatMap(({ shown, to }) => {
    const path = pathOf(file, to)
    if (!/^\d/.test(shown) || path === undefined || !path.endsWith('.md')) return []
    const has = readFileSync(join(root, path), 'utf8').includes(shown)
    return has ? [] : [`${file}: ${path} does not have the figure "${shown}"; write the one that it has now`]
  })
}

/** Folders at the top of the project, with which a path in a document begins. */
const FOLDERS =
  'bench|cli|dev|docs|drills|e2e|examples|helm|k8s|lib|loadtest|monitoring|platforms|src|test|tools|\\.ci|\\.github'

/** One line for each path in code, such as `src/config.ts`, that does not exist. Patterns and placeholders are skipped. */
export function missingPaths({ file, text }: MarkdownDocument, root = ROOT): string[] {
  const paths = [...prose(text).matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, 'g'))].map(
    ([, path]) => path as string,
  )
  return paths.filter(path => !existsSync(join(root, path))).map(path => `${file}: ${path} does not exist`)
}

/** The targets of make that a document names. In prose, only those in code: `make` is also a verb. */
export function targetsIn(text: string): string[] {
  const inBlocks = [...text.matchAll(/^ *(```+)(?:sh|bash)\n(.*?)^ *\1$/gms)].map(([, , block = '']) => block)
  const inSpans = [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return [...inBlocks, ...inSpans].flatMap(code =>
    [...code.replace(/(^|\s)#.*/gm, '').matchAll(/(?:^|[\s;&|(=])make((?: +[a-z][a-z0-9-]*)+)/gm)].flatMap(
      ([, words = '']) => words.trim().split(/ +/),
    ),
  )
}

/** Names of metrics and of recorded series in the code of a document. */
export function metricsIn(text: string): string[] {
  const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([all]) => all).join('\n')
  const pattern =
    /(?<![\w:./-])((?:job|instance|job_slo|instance_device):[\w:]+|(?:http|event_loop|process|nodejs|node|kube|container|probe|alertmanager|prometheus|k6)_[a-z0-9_]+(?:total|seconds|bytes|ratio|ready|phase|fds|limits|load1|files|free|running|flight|info|success|discovered|replicas)(?:_bucket|_count|_sum)?)(?![\w:…(*-]|\.[+*])/g
  return [...code.matchAll(pattern)].map(([, name]) => name as string)
}

/**
 * The parts of messages that the tables of symptoms quote: the first cells that begin with code, without what `…` stands for. Short
 * parts are left out.
 */
export function quotedMessages(text: string): string[] {
  const cells = [...text.matchAll(/^\| *`([^`]+)`[^|]*\|/gm)].map(([, cell]) => cell as string)
  return cells
    .filter(cell => cell.includes(' '))
    .flatMap(cell =>
      cell
        .split('…')
        .map(part => part.replace(/^[^\w]+|[^\w)]+$/g, ''))
        .filter(part => part.length >= 12),
    )
}

import { type Cell, plain, type Report, type Section } from './report-model.ts'

/** Returns a report as Markdown, to paste into an issue or a pull request. It has no links, because they would be broken there. */
export function markdown({ title, line, advice, figures, sections }: Report): string {
  const paragraphs = [advice, figures].map(sentences => escaped(sentences.join(' '))).filter(Boolean)
  return `${[`# ${title}`, `**${escaped(line)}.**`, ...paragraphs, ...sections.flatMap(section)].join('\n\n')}\n`
}

/** A section without its charts; nothing for a section without a table. */
function section({ title, note, head, rows, folded }: Section): string[] {
  if (rows === undefined) return []
  const content = [...(note === undefined ? [] : [escaped(note)]), tableOf(rows, head)].join('\n\n')
  return folded
    ? [`<details><summary>${Bun.escapeHTML(title)}</summary>\n\n${content}\n\n</details>`]
    : [`## ${title}\n\n${content}`]
}

/** A table. Text in cells is escaped. */
function tableOf(rows: NonNullable<Section['rows']>, head: Section['head']): string {
  const [first] = rows
  if (first === undefined) return 'Not measured.'
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const titles = first.cells.map((_, column) => head?.[column] ?? '')
  return [titles, titles.map(() => '---'), ...rows.map(({ cells }) => cells.map(cellOf))].map(line).join('\n')
}

function cellOf(cell: Cell): string {
  const isCode = typeof cell !== 'string' && 'code' in cell && !cell.code.includes('`')
  return isCode ? `\`${cell.code.replaceAll('|', '\\|').replaceAll('\n', ' ')}\`` : escaped(plain(cell))
}

/** Escapes what Markdown would read as markup. */
const escaped = (text: string) => text.replace(/[\\|<>`*_[\]]/g, character => `\\${character}`).replaceAll('\n', ' ')

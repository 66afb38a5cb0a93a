import type { OverloadResult } from '../overload/overload-result.ts'
import * as tables from './tables.ts'
import { type Cell, plain, type Table } from './text.ts'

/** The report as Markdown, to paste into an issue or a pull request: it has no links, because they would lead nowhere there. */
export function markdown(story: OverloadResult): string {
  const failing = tables.notPassed(story)
  const shown = [tables.capacity(story), tables.tippingPoint(story), tables.latency(story)]
  const folded = [
    tables.checksTable(story.checks, story.verdict),
    tables.detection(story),
    tables.alertStates(story),
    tables.machine(story),
    tables.sources(story),
  ]
  return `${[
    `# Drill ${story.drill}: ${story.verdict}`,
    `**${escaped(tables.verdictLine(story))}.**`,
    ...[tables.advice(story), tables.keyFigures(story)].flatMap(lines =>
      lines.length > 0 ? escaped(lines.join(' ')) : [],
    ),
    ...(failing.rows.length > 0 ? [section(failing)] : []),
    ...shown.map(section),
    ...folded.map(
      table => `<details><summary>${Bun.escapeHTML(table.title)}</summary>\n\n${tableOf(table)}\n\n</details>`,
    ),
  ].join('\n\n')}\n`
}

const section = (table: Table) => `## ${table.title}\n\n${tableOf(table)}`

/** A table and its note as Markdown; text in its cells is never taken for markup. */
export function tableOf({ note, columns, rows }: Table): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(cellOf).join(' | ')} |`
  const lines = [line(columns), line(columns.map(() => '---')), ...rows.map(({ cells }) => line(cells))]
  const body = rows.length === 0 ? 'Not measured.' : lines.join('\n')
  return note === undefined ? body : `${escaped(note)}\n\n${body}`
}

function cellOf(cell: Cell): string {
  const isCode = typeof cell !== 'string' && 'code' in cell && !cell.code.includes('`')
  return isCode ? `\`${cell.code.replaceAll('|', '\\|').replaceAll('\n', ' ')}\`` : escaped(plain(cell))
}

/** Text that Markdown takes as it is. */
const escaped = (text: string) => text.replace(/[\\|<>`*_[\]]/g, character => `\\${character}`).replaceAll('\n', ' ')

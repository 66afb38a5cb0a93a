import type { OverloadResult } from '../overload/overload-result.ts'
import { type Cell, plain, type Table } from './table-model.ts'
import * as tables from './tables.ts'

/** Returns the report as Markdown, to paste into an issue or a pull request. It has no links, because they would be broken there. */
export function markdown(result: OverloadResult): string {
  const failing = tables.notPassed(result)
  const shown = [tables.capacity(result), tables.tippingPoint(result), tables.latency(result)]
  const folded = [
    tables.checksTable(result.checks, result.verdict),
    tables.detection(result),
    tables.alertStates(result),
    tables.machine(result),
    tables.sources(result),
  ]
  return `${[
    `# Drill ${result.drill}: ${result.verdict}`,
    `**${escaped(tables.verdictLine(result))}.**`,
    ...[tables.advice(result), tables.keyFigures(result)].flatMap(lines =>
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

/** Returns a table and its note as Markdown. Text in cells is escaped. */
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

/** Escapes what Markdown would read as markup. */
const escaped = (text: string) => text.replace(/[\\|<>`*_[\]]/g, character => `\\${character}`).replaceAll('\n', ' ')

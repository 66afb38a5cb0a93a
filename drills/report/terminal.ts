import type { Story } from '../story.ts'
import { headline, verdict } from './tables.ts'

/** Rows for a terminal, their columns aligned. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

/** The verdict for a terminal. */
export function verdictTable(story: Story): string {
  const { columns, rows } = verdict(story)
  return `${aligned([columns, ...rows])}\n\n${headline(story)}`
}

import type { Story } from '../story.ts'
import { headline, verdict } from './tables.ts'

/** The verdict for a terminal, its columns aligned. */
export function verdictTable(story: Story): string {
  const { columns, rows } = verdict(story)
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  const lines = all.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n\n${headline(story)}`
}

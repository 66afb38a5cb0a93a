import type { OverloadResult, Verdict } from '../overload/overload-result.ts'
import type { Report } from './index.ts'
import { advice, keyFigures, MARKS, stateOf, verdictLine } from './tables.ts'
import { plain, type Table } from './text.ts'

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

/** A table for a terminal, without its title and note. */
export const alignedTable = ({ columns, rows }: Table) =>
  aligned([...(columns.some(Boolean) ? [columns] : []), ...rows.map(({ cells }) => cells.map(plain))])

/** ANSI colours of the verdicts: green, red, yellow. */
const COLOURS = { passed: 32, failed: 31, inconclusive: 33 } as const satisfies Record<Verdict, number>

/**
 * The last lines of a drill on a terminal: the verdict, the checks that did not pass, the figures that matter, the report
 * as a URL, and what to do next.
 * @param colour whether the verdict has a colour; false where NO_COLOR is set or the output is no terminal
 * @param next what to do next, a line each
 */
export function ending(
  story: OverloadResult,
  report: Report,
  { colour, next }: { readonly colour: boolean; readonly next: readonly string[] },
): string[] {
  const why = advice(story).map(sentence => ` ${sentence}`)
  const verdict = `${MARKS[story.verdict]} ${verdictLine(story)}${why.length > 0 ? `.${why.join('')}` : ''}`
  const open = story.checks.flatMap(check => {
    const state = stateOf(check, story.verdict)
    if (state === 'passed') return []
    return `  ${MARKS[state]} ${state}: ${check.name}: demanded ${check.expected}, seen ${check.seen}`
  })
  const figures = keyFigures(story).map(sentence => `  ${sentence}`)
  return [
    colour ? `\x1b[1;${COLOURS[story.verdict]}m${verdict}\x1b[0m` : verdict,
    ...open,
    ...why,
    ...(figures.length > 0 ? ['', ...figures] : []),
    '',
    `Report: ${Bun.pathToFileURL(report.html).href}`,
    ...next,
  ]
}

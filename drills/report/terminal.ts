import type { OverloadResult, Verdict } from '../overload/overload-result.ts'
import { plain, type Table } from './table-model.ts'
import { advice, keyFigures, MARKS, stateOf, verdictLine } from './tables.ts'
import type { ReportFiles } from './write-report.ts'

/** Aligns the columns of rows for a terminal. */
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
 * The last lines of a drill on a terminal: the verdict with its reason, the checks that did not pass, the main figures, the URL
 * of the report, and what to do next.
 * @param colour whether the verdict is coloured; false when NO_COLOR is set or the output is not a terminal
 * @param next what to do next, one line each
 */
export function ending(
  result: OverloadResult,
  report: ReportFiles,
  { colour, next }: { readonly colour: boolean; readonly next: readonly string[] },
): string[] {
  const why = advice(result).map(sentence => ` ${sentence}`)
  const verdict = `${MARKS[result.verdict]} ${verdictLine(result)}${why.length > 0 ? `.${why.join('')}` : ''}`
  const open = result.checks.flatMap(check => {
    const state = stateOf(check, result.verdict)
    if (state === 'passed') return []
    return `  ${MARKS[state]} ${state}: ${check.name}: demanded ${check.expected}, measured ${check.seen}`
  })
  const figures = keyFigures(result).map(sentence => `  ${sentence}`)
  return [
    colour ? `\x1b[1;${COLOURS[result.verdict]}m${verdict}\x1b[0m` : verdict,
    ...open,
    ...(figures.length > 0 ? ['', ...figures] : []),
    '',
    `Report: ${Bun.pathToFileURL(report.html).href}`,
    ...next,
  ]
}

import type { Check, Verdict } from '../overload/overload-result.ts'
import { MARKS, plain, type Report, type Section, stateOf } from './report-model.ts'
import type { ReportFiles } from './write-report.ts'

/** Aligns the columns of rows for a terminal. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return rows.map(row => line(row).trimEnd()).join('\n')
}

/** The table of a section for a terminal, without title and note. */
export const alignedTable = ({ head, rows = [] }: Section) =>
  aligned([...(head ? [head] : []), ...rows.map(({ cells }) => cells.map(plain))])

/** ANSI colours of the verdicts: green, red, yellow. */
const COLOURS = { passed: 32, failed: 31, inconclusive: 33 } as const satisfies Record<Verdict, number>

/**
 * The last lines of a drill on a terminal: the verdict with its reason, the checks that did not pass, the main figures, the URL
 * of the report, and what to do next.
 * @param colour whether the verdict is coloured; false when NO_COLOR is set or the output is not a terminal
 * @param next what to do next, one line each
 */
export function lastLines(
  { verdict, line, advice, figures }: Report,
  checks: readonly Check[],
  { html }: ReportFiles,
  { colour, next }: { readonly colour: boolean; readonly next: readonly string[] },
): string[] {
  const summary = `${MARKS[verdict]} ${advice.length > 0 ? `${line}. ${advice.join(' ')}` : line}`
  const open = checks.flatMap(check => {
    const state = stateOf(check, verdict)
    if (state === 'passed') return []
    return `  ${MARKS[state]} ${state}: ${check.name}: demanded ${check.expected}, measured ${check.seen}`
  })
  return [
    colour ? `\x1b[1;${COLOURS[verdict]}m${summary}\x1b[0m` : summary,
    ...open,
    ...(figures.length > 0 ? ['', ...figures.map(sentence => `  ${sentence}`)] : []),
    '',
    `Report: ${Bun.pathToFileURL(html).href}`,
    ...next,
  ]
}

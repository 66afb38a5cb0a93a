import { alignedTable } from '../report/terminal.ts'
import { failuresTable, type Matrix, matrixTable, summary } from './matrix.ts'

/** The matrix for a terminal, without the way to the runbooks. */
export function matrixText(matrix: Matrix): string {
  const failures = failuresTable(matrix)
  const tables = [matrixTable(matrix, () => ''), ...(failures.rows.length > 0 ? [failures] : [])]
  return [...tables.map(alignedTable), summary(matrix)].join('\n\n')
}

import { aligned } from '../report/terminal.ts'
import { failuresTable, type Matrix, matrixTable, summary } from './matrix.ts'

/** The matrix for a terminal, without the way to the runbooks. */
export function matrixText(matrix: Matrix): string {
  const { columns, rows } = matrixTable(matrix, () => '')
  const failures = failuresTable(matrix)
  const tables = [aligned([columns, ...rows]), ...(failures.rows.length > 0 ? [aligned(failures.rows)] : [])]
  return [...tables, summary(matrix)].join('\n\n')
}

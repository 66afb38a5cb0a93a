import { join } from 'node:path'
import { figuresOf, page, section } from '../report/html.ts'
import { copyRunbooks, type Report } from '../report/index.ts'
import { tableOf } from '../report/markdown.ts'
import { runbookCell } from '../report/tables.ts'
import { causesTable, failuresTable, isComplete, type Matrix, matrixTable, summary } from './matrix.ts'
import { livesChart } from './matrix-chart.ts'

/** Writes the report of a matrix into a folder, as a page, as data and as text, with the runbooks that the page links. */
export async function writeMatrix(matrix: Matrix, folder: string): Promise<Report> {
  const report = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await Bun.write(report.json, `${JSON.stringify(matrix, null, 2)}\n`)
  await Bun.write(report.markdown, matrixMarkdown(matrix))
  await Bun.write(report.html, matrixHtml(matrix))
  await copyRunbooks(matrix.alerts, folder)
  return report
}

function matrixHtml(matrix: Matrix): string {
  const failures = failuresTable(matrix)
  const verdict = isComplete(matrix) ? 'passed' : 'failed'
  const line = verdict === 'passed' ? 'Passed' : 'Failed'
  const states = `<section><h2>States of each alert</h2>${figuresOf([livesChart(matrix.proofs)])}</section>`
  const parts = [
    ...(failures.rows.length > 0 ? [section(failures)] : []),
    section(matrixTable(matrix, runbookCell)),
    states,
    section(causesTable(matrix)),
  ]
  return page({ ...matrix, verdict, line, paragraphs: [summary(matrix)] }, parts.join('\n'))
}

/** The matrix as Markdown. */
function matrixMarkdown(matrix: Matrix): string {
  const failures = failuresTable(matrix)
  const matrixed = matrixTable(matrix, alert => `monitoring/runbooks/${alert}.md`)
  const tables = [...(failures.rows.length > 0 ? [failures] : []), matrixed, causesTable(matrix)]
  const { machine, startedAt, platform } = matrix
  const where =
    `On ${platform}, ${new Date(startedAt * 1000).toISOString().slice(0, 10)}: ${machine.cores} cores, ${machine.cpu}, ` +
    `${machine.system}.`
  const sections = tables.map(table => `## ${table.title}\n\n${tableOf(table)}`)
  return `${[`# Every alert, proven`, summary(matrix), where, ...sections].join('\n\n')}\n`
}

import { join } from 'node:path'
import { figuresOf, page, section } from '../report/html.ts'
import { tableOf } from '../report/markdown.ts'
import { runbookCell } from '../report/tables.ts'
import { copyRunbooks, type ReportFiles } from '../report/write-report.ts'
import { timelinesChart } from './matrix-chart.ts'
import { causesTable, isComplete, matrixTable, type ResultMatrix, summary, withFailures } from './result-matrix.ts'

/** Writes the results into a folder, as HTML, JSON and Markdown, with the runbooks to which the HTML links. */
export async function writeMatrix(matrix: ResultMatrix, folder: string): Promise<ReportFiles> {
  const html = join(folder, 'report.html')
  const json = join(folder, 'report.json')
  const markdown = join(folder, 'report.md')
  await Bun.write(json, `${JSON.stringify(matrix, null, 2)}\n`)
  await Bun.write(markdown, matrixMarkdown(matrix))
  await Bun.write(html, matrixHtml(matrix))
  await copyRunbooks(matrix.alerts, folder)
  return { html, json, markdown }
}

function matrixHtml(matrix: ResultMatrix): string {
  const verdict = isComplete(matrix) ? 'passed' : 'failed'
  const line = verdict === 'passed' ? 'Passed' : 'Failed'
  const timelines = `<section><h2>Timeline of each alert</h2>${figuresOf([timelinesChart(matrix.results)])}</section>`
  const results = withFailures(matrix, matrixTable(matrix, runbookCell)).map(table => section(table))
  const body = [...results, timelines, section(causesTable(matrix))].join('\n')
  return page({ ...matrix, verdict, line, paragraphs: [summary(matrix)] }, body)
}

/** The source of docs/drills.md. */
function matrixMarkdown(matrix: ResultMatrix): string {
  const { machine, startedAt, platform } = matrix
  const date = new Date(startedAt * 1000).toISOString().slice(0, 10)
  const where = `Platform ${platform}, ${date}: ${machine.cores} cores, ${machine.cpu}, ${machine.system}.`
  const results = matrixTable(matrix, alert => `monitoring/runbooks/${alert}.md`)
  const sections = withFailures(matrix, results, causesTable(matrix)).map(
    table => `## ${table.title}\n\n${tableOf(table)}`,
  )
  return `${['# Drill results of every alert', summary(matrix), where, ...sections].join('\n\n')}\n`
}

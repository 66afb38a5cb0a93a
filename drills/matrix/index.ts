import { join } from 'node:path'
import { alertingRule } from '../../monitoring/rule.ts'
import { alerts } from '../../monitoring/rules/index.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { figuresOf, page, section } from '../report/html.ts'
import type { Report } from '../report/index.ts'
import { tableOf } from '../report/markdown.ts'
import type { Table } from '../report/text.ts'
import { livesChart } from './chart.ts'
import { causesTable, failuresTable, isComplete, type Matrix, matrixTable, summary } from './matrix.ts'

const RUNBOOKS = new Map(alerts(PROFILE).map(rule => [rule.name, alertingRule(rule).annotations.runbook_url]))

const toRunbook = (alert: string) => RUNBOOKS.get(alert) ?? ''

/** Writes the report of a matrix into a folder, as a page, as data and as text. */
export async function writeMatrix(matrix: Matrix, folder: string): Promise<Report> {
  const report = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await Bun.write(report.json, `${JSON.stringify(matrix, null, 2)}\n`)
  await Bun.write(report.markdown, matrixMarkdown(matrix))
  await Bun.write(report.html, matrixHtml(matrix))
  return report
}

function matrixHtml(matrix: Matrix): string {
  const failures = failuresTable(matrix)
  const tables = [matrixTable(matrix, toRunbook), causesTable(matrix)]
  const heading = { ...matrix, passed: isComplete(matrix), headline: summary(matrix) }
  const lives = `<section><h2>Their lives</h2>${figuresOf([livesChart(matrix.proofs)])}</section>`
  const parts = [...(failures.rows.length > 0 ? [section(failures)] : []), section(tables[0] as Table), lives]
  return page(heading, [...parts, section(tables[1] as Table)].join('\n'))
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

import { join } from 'node:path'
import { runbookPath } from '../../monitoring/rule.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'
import type { Report } from './report-model.ts'

const ROOT = join(import.meta.dir, '../..')

/** Paths of the files of a report. */
export interface ReportFiles {
  readonly html: string
  readonly json: string
  readonly markdown: string
}

/**
 * Writes a report into a folder, as HTML, JSON and Markdown. Copies runbooks into `runbooks/` beside the page: the page links the
 * copies, because the `runbook_url` of the rules exists only where this repository is published.
 */
export async function writeReport(report: Report, folder: string): Promise<ReportFiles> {
  const files = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await Bun.write(files.json, `${JSON.stringify(report.data, null, 2)}\n`)
  await Bun.write(files.markdown, markdown(report))
  await Bun.write(files.html, html(report))
  for (const alert of report.alerts)
    await Bun.write(join(folder, 'runbooks', `${alert}.md`), Bun.file(join(ROOT, runbookPath(alert))))
  return files
}

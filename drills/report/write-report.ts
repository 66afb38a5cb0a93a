import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { OverloadResult } from '../overload/overload-result.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'

const RUNBOOKS = join(import.meta.dir, '../../monitoring/runbooks')

/** Paths of the files of a report. */
export interface ReportFiles {
  readonly html: string
  readonly json: string
  readonly markdown: string
}

/** Writes the report of a drill into a folder, as HTML, JSON and Markdown, with the runbooks that the page links. */
export async function writeReport(result: OverloadResult, folder: string): Promise<ReportFiles> {
  const report = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await Bun.write(report.json, `${JSON.stringify(result, null, 2)}\n`)
  await Bun.write(report.markdown, markdown(result))
  await Bun.write(report.html, html(result))
  await copyRunbooks(
    result.alerts.map(({ name }) => name),
    folder,
  )
  return report
}

/**
 * Copies the runbooks of alerts into `runbooks/` beside a report. The page links the copies, because the
 * `runbook_url` of the rules exists only where this repository is published.
 */
export async function copyRunbooks(alerts: readonly string[], folder: string): Promise<void> {
  await mkdir(join(folder, 'runbooks'), { recursive: true })
  for (const name of alerts) await copyFile(join(RUNBOOKS, `${name}.md`), join(folder, 'runbooks', `${name}.md`))
}

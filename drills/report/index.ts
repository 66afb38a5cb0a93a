import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { OverloadResult } from '../overload/overload-result.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'

const RUNBOOKS = join(import.meta.dir, '../../monitoring/runbooks')

/** Paths of the parts of a report. */
export interface Report {
  readonly html: string
  readonly json: string
  readonly markdown: string
}

/** Writes the report of a story into a folder, as a page, as data and as text, with the runbooks that the page links. */
export async function writeReport(story: OverloadResult, folder: string): Promise<Report> {
  const report = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await Bun.write(report.json, `${JSON.stringify(story, null, 2)}\n`)
  await Bun.write(report.markdown, markdown(story))
  await Bun.write(report.html, html(story))
  await copyRunbooks(
    story.alerts.map(({ name }) => name),
    folder,
  )
  return report
}

/**
 * Copies the runbooks of alerts into `runbooks/` beside a report. The page links the copies, because the address in the
 * rules (`runbook_url`) leads to a page only where this repository is published.
 */
export async function copyRunbooks(alerts: readonly string[], folder: string): Promise<void> {
  await mkdir(join(folder, 'runbooks'), { recursive: true })
  for (const name of alerts) await copyFile(join(RUNBOOKS, `${name}.md`), join(folder, 'runbooks', `${name}.md`))
}

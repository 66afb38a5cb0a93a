import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Story } from '../story.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'

/** Where the parts of a report are. */
export interface Report {
  readonly html: string
  readonly json: string
  readonly markdown: string
}

/** Writes the report of a story into a folder, as a page, as data and as text. */
export async function writeReport(story: Story, folder: string): Promise<Report> {
  const report = {
    html: join(folder, 'report.html'),
    json: join(folder, 'report.json'),
    markdown: join(folder, 'report.md'),
  }
  await mkdir(folder, { recursive: true })
  await Bun.write(report.json, `${JSON.stringify(story, null, 2)}\n`)
  await Bun.write(report.markdown, markdown(story))
  await Bun.write(report.html, html(story))
  return report
}

import type { Story } from '../story.ts'
import { headline, passed, tables, verdict } from './tables.ts'
import type { Table } from './text.ts'

/** The report as Markdown, to paste where people talk. */
export function markdown(story: Story): string {
  const sections = [verdict(story), ...tables(story)].map(table => `## ${table.title}\n\n${tableOf(table)}`)
  const title = `# Drill ${story.drill}: ${passed(story) ? 'passed' : 'FAILED'}`
  return `${[title, escaped(headline(story)), ...sections].join('\n\n')}\n`
}

/** A table, as Markdown; what is in its cells stays text. */
export function tableOf({ note, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  const body =
    rows.length === 0 ? 'Not measured.' : [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
  return note === undefined ? body : `${note}\n\n${body}`
}

/** Text that Markdown takes as it is. */
const escaped = (text: string) => text.replace(/[\\|<>`*_[\]]/g, character => `\\${character}`).replaceAll('\n', ' ')

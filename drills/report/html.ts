import type { Story } from '../story.ts'
import { type Chart, capacityChart, detectionChart, timeline } from './charts.ts'
import style from './style.css' with { type: 'text' }
import { headline, passed, tables, verdict } from './tables.ts'
import type { Table } from './text.ts'

/** What stands above a report. */
export interface Heading {
  readonly drill: string
  readonly platform: string
  /** Unix time in seconds. */
  readonly startedAt: number
  readonly passed: boolean
  readonly headline: string
}

/** A report as one page that needs nothing else: no network, no script. `body` is HTML. */
export function page({ drill, platform, startedAt, passed, headline }: Heading, body: string): string {
  const verdictWord = passed ? 'passed' : 'failed'
  const when = `${new Date(startedAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const title = `Drill ${drill}: ${verdictWord}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}</style>
<header class="${verdictWord}">
<p>Tipping Point · drill ${escaped(drill)} · ${escaped(platform)} · ${when}</p>
<h1>${passed ? '✓ Passed' : '✗ Failed'}</h1>
<p class="headline">${escaped(headline)}</p>
</header>
<main>
${body}
</main>
</html>
`
}

/** The report of a story. */
export function html(story: Story): string {
  const [capacity, latency, detection, ...rest] = tables(story)
  return page(
    { ...story, passed: passed(story), headline: headline(story) },
    `${section(verdict(story))}
<section><h2>The story</h2>
<p>One axis of time, in seconds, for all. Shaded: k6 offers load. Dashed: the scale. Rates are of the last three scrapes, so a
new replica is counted from its second scrape on.</p>
${figuresOf(timeline(story))}</section>
${[capacity && section(capacity, capacityChart(story)), latency && section(latency), detection && section(detection, detectionChart(story))].join('\n')}
${rest.map(table => section(table)).join('\n')}`,
  )
}

/** A table under its title, with its charts before it. */
export const section = (table: Table, charts: Chart[] = []) =>
  `<section><h2>${escaped(table.title)}</h2>${table.note ? `<p>${escaped(table.note)}</p>` : ''}${charts.length ? figuresOf(charts) : ''}${tableOf(table)}</section>`

/** Charts under their titles. */
export function figuresOf(charts: readonly Chart[]): string {
  if (charts.length === 0) return '<p>Not measured.</p>'
  const figure = ({ title, svg }: Chart) => `<figure><figcaption>${escaped(title)}</figcaption>${svg}</figure>`
  return `<div class="charts">${charts.map(figure).join('\n')}</div>`
}

function tableOf({ columns, rows }: Table): string {
  if (rows.length === 0) return '<p>Not measured.</p>'
  const head = columns.some(Boolean)
    ? `<thead><tr>${columns.map(name => `<th>${escaped(name)}</th>`).join('')}</tr></thead>`
    : ''
  const body = rows.map(
    row => `<tr${row[0]?.startsWith('✗ failed') ? ' class="bad"' : ''}>${row.map(cellOf).join('')}</tr>`,
  )
  return `<div class="wide"><table>${head}<tbody>${body.join('\n')}</tbody></table></div>`
}

function cellOf(text: string): string {
  if (/^https?:\/\/\S+$/.test(text))
    return `<td><a href="${escaped(text)}">${escaped(text.split('/').pop() ?? text)}</a></td>`
  return `<td>${/[{([]/.test(text) && /\b(rate|sum|ALERTS)\b/.test(text) ? `<code>${escaped(text)}</code>` : escaped(text)}</td>`
}

const escaped = (text: string) => Bun.escapeHTML(text)

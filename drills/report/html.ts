import type { OverloadResult, Verdict } from '../overload/overload-result.ts'
import { type Chart, capacityChart, detectionChart, type Key, timeline } from './charts.ts'
import style from './style.css' with { type: 'text' }
import type { Cell, Table } from './table-model.ts'
import * as tables from './tables.ts'

/** The head of a report. */
export interface Heading {
  readonly drill: string
  readonly platform: string
  /** Unix time in seconds. */
  readonly startedAt: number
  readonly verdict: Verdict
  /** The verdict in one line. */
  readonly line: string
  /** Paragraphs under the verdict. */
  readonly paragraphs: readonly string[]
}

/** Returns a report as one HTML page that needs no network and no script. `body` is HTML. */
export function page({ drill, platform, startedAt, verdict, line, paragraphs }: Heading, body: string): string {
  const when = `${new Date(startedAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(`Drill ${drill}: ${verdict}`)}</title>
<style>${style}</style>
<header>
<p class="quiet">Tipping Point · drill ${escaped(drill)} · ${escaped(platform)} · ${when}</p>
<h1 class="${verdict}">${escaped(`${tables.MARKS[verdict]} ${line}`)}</h1>
${paragraphs.map(text => `<p class="lead">${escaped(text)}</p>`).join('\n')}
</header>
<main>
${body}
</main>
</html>
`
}

/** Returns the report of a drill as HTML: verdict, failed checks, charts and capacity; details are folded. */
export function html(result: OverloadResult): string {
  const failing = tables.notPassed(result)
  const paragraphs = [tables.advice(result).join(' '), ...tables.keyFigures(result)].filter(Boolean)
  const checks = tables.checksTable(result.checks, result.verdict)
  return page(
    { ...result, line: tables.verdictLine(result), paragraphs },
    [
      ...(failing.rows.length > 0 ? [section(failing)] : []),
      `<section><h2>Timeline</h2>
<p class="quiet">All charts share one time axis, in seconds. Shaded: k6 offers load. Dashed line: the service is scaled. Rates
are averages over three scrapes.</p>
${figuresOf(timeline(result))}</section>`,
      section(tables.capacity(result), capacityChart(result)),
      section(tables.tippingPoint(result)),
      section(tables.latency(result)),
      folded(checks),
      folded(tables.detection(result), detectionChart(result)),
      ...[tables.alertStates(result), tables.machine(result), tables.sources(result)].map(table => folded(table)),
    ].join('\n'),
  )
}

/** A title, charts and a table. */
export const section = (table: Table, charts: readonly Chart[] = []) =>
  `<section><h2>${escaped(table.title)}</h2>${contentOf(table, charts)}</section>`

/** A title under which charts and a table are folded. */
const folded = (table: Table, charts: readonly Chart[] = []) =>
  `<details><summary>${escaped(table.title)}</summary>${contentOf(table, charts)}</details>`

function contentOf(table: Table, charts: readonly Chart[]): string {
  const note = table.note ? `<p class="quiet">${escaped(table.note)}</p>` : ''
  return `${charts.length > 0 ? figuresOf(charts) : ''}${tableOf(table)}${note}`
}

/** Charts with titles. Each chart is drawn wide and narrow; the style sheet shows one of them. */
export function figuresOf(charts: readonly Chart[]): string {
  if (charts.length === 0) return '<p>Not measured.</p>'
  const figure = ({ title, keys, wide, narrow }: Chart) =>
    `<figure><figcaption>${escaped(title)}${keys.map(keyOf).join('')}</figcaption><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`
  return charts.map(figure).join('\n')
}

const keyOf = ({ label, colour, opacity = 1 }: Key) =>
  ` <span class="key"><i style="background:${colour};opacity:${opacity}"></i>${escaped(label)}</span>`

function tableOf({ columns, rows }: Table): string {
  if (rows.length === 0) return '<p>Not measured.</p>'
  const hasHead = columns.some(Boolean)
  const head = hasHead ? `<thead><tr>${columns.map(name => `<th>${escaped(name)}</th>`).join('')}</tr></thead>` : ''
  const body = rows.map(
    ({ cells, state }) =>
      `<tr${state ? ` class="${state}"` : ''}>${cells.map(cell => `<td>${cellOf(cell)}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll"><table${hasHead ? '' : ' class="pairs"'}>${head}<tbody>${body.join('\n')}</tbody></table></div>`
}

function cellOf(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell)
  if ('code' in cell) return `<code>${escaped(cell.code)}</code>`
  return `<a href="${escaped(cell.link)}">${escaped(cell.text)}</a>`
}

const escaped = (text: string) => Bun.escapeHTML(text)

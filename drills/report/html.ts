import { SERVICE_CONFIG } from '../../chosen-service.ts'
import type { Chart, Key } from './charts.ts'
import { type Cell, MARKS, type Report, type Section } from './report-model.ts'
import style from './style.css' with { type: 'text' }

/** Returns a report as one HTML page that needs no network and no script. */
export function html({ title, origin, startedAt, verdict, line, advice, figures, sections }: Report): string {
  const when = `${new Date(startedAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const paragraphs = [advice.join(' '), ...figures].filter(Boolean)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}</style>
<header>
<p class="quiet">${escaped(SERVICE_CONFIG.title)} · ${escaped(origin)} · ${when}</p>
<h1 class="${verdict}">${escaped(`${MARKS[verdict]} ${line}`)}</h1>
${paragraphs.map(text => `<p class="lead">${escaped(text)}</p>`).join('\n')}
</header>
<main>
${sections.map(section).join('\n')}
</main>
</html>
`
}

function section({ title, note, charts, head, rows, folded }: Section): string {
  const quiet = note && `<p class="quiet">${escaped(note)}</p>`
  const content = [
    rows ? '' : quiet,
    charts && (charts.map(figureOf).join('\n') || (rows ? '' : NOT_MEASURED)),
    ...(rows ? [tableOf(rows, head), quiet] : []),
  ]
  const heading = folded ? `<summary>${escaped(title)}</summary>` : `<h2>${escaped(title)}</h2>`
  const element = folded ? 'details' : 'section'
  return `<${element}>${heading}${content.filter(Boolean).join('')}</${element}>`
}

const NOT_MEASURED = '<p>Not measured.</p>'

/** A chart with its title. The style sheet shows one of the two sizes. */
const figureOf = ({ title, keys, wide, narrow }: Chart) =>
  `<figure><figcaption>${escaped(title)}${keys.map(keyOf).join('')}</figcaption><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`

const keyOf = ({ label, colour, opacity = 1 }: Key) =>
  ` <span class="key"><i style="background:${colour};opacity:${opacity}"></i>${escaped(label)}</span>`

function tableOf(rows: NonNullable<Section['rows']>, head: Section['head']): string {
  if (rows.length === 0) return NOT_MEASURED
  const titles = head && `<thead><tr>${head.map(title => `<th>${escaped(title)}</th>`).join('')}</tr></thead>`
  const body = rows.map(
    ({ cells, state }) =>
      `<tr${state ? ` class="${state}"` : ''}>${cells.map(cell => `<td>${cellOf(cell)}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll"><table${head ? '' : ' class="pairs"'}>${titles ?? ''}<tbody>${body.join('\n')}</tbody></table></div>`
}

function cellOf(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell)
  if ('code' in cell) return `<code>${escaped(cell.code)}</code>`
  return `<a href="${escaped(cell.link)}">${escaped(cell.text)}</a>`
}

const escaped = (text: string) => Bun.escapeHTML(text)

import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { inCode, markdownPage, markdownTable } from './markdown-page.ts'

/** The page of the dashboards: every panel with its description. */
export function dashboardsPage(): string {
  const sections = [...dashboards.values()].map(({ title, uid, description, panels = [] }) => {
    let row = ''
    const rows = panels.flatMap(panel => {
      if (panel.type === 'row') {
        row = panel.title ?? ''
        return []
      }
      return [[row, panel.title ?? '', ('description' in panel && panel.description) || '']]
    })
    const file = `../../../helm/generated/dashboards/${uid}.json`
    return `## ${title}\n\n${description} File: [${inCode(`${uid}.json`)}](${file}).\n\n${markdownTable(['row', 'panel', 'description'], rows)}`
  })
  return markdownPage(
    'Panels',
    'From [`monitoring/dashboards/`](../../../monitoring/dashboards). [dashboards.md](../dashboards.md) says how to use them.',
    sections,
  )
}

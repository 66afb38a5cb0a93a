import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Browser, Page } from 'playwright-core'
import type { Grafana } from '../drills/dashboards/grafana-client.ts'
import { poll } from '../lib/poll.ts'
import { dashboards } from '../monitoring/dashboards/dashboards.ts'

/** Where pods come and go, a legend can have more lines than its panel has room for. */
export const CUT_LEGEND = 'has a legend that is cut'

/**
 * Runs in the page. Returns what is wrong, by panel: a panel that does not load, has an error, has "No data" or "NaN", draws
 * nothing, or has a legend that is cut. Axes are grey and bounds are red, so a graph draws something when there is a pixel of
 * another colour.
 */
const FAULTS = `[...document.querySelectorAll('[data-viz-panel-key]')].flatMap(panel => {
  const title = panel.querySelector('h2')?.innerText ?? panel.dataset.vizPanelKey
  const content = panel.querySelector('[data-testid="data-testid panel content"]')
  const canvas = content?.querySelector('canvas')
  const isDrawn = () => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, alpha] = data.subarray(i, i + 4)
      const isBound = Math.abs(r - 242) + Math.abs(g - 73) + Math.abs(b - 92) < 30
      if (alpha > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 60 && !isBound) return true
    }
  }
  const bottomOf = element => element.getBoundingClientRect().bottom
  const labels = [...panel.querySelectorAll('[data-testid*="VizLegend series"]')]
  const fault =
    !content ? 'loads'
    : panel.querySelector('[data-testid="data-testid Panel status error"], [role="alert"]') ? 'has an error'
    : /No data|Cannot visualize/.test(content.innerText) ? 'has no data'
    : /NaN/.test(content.innerText) ? 'has a NaN'
    : !(canvas ? canvas.width > 0 && isDrawn() : content.innerText.trim()) ? 'draws nothing'
    : labels.some(label => bottomOf(label) > bottomOf(content)) ? '${CUT_LEGEND}'
    : undefined
  return fault ? [title + ' ' + fault] : []
})`

/** How to look at the dashboards of a Grafana. */
interface Look {
  readonly grafana: Grafana
  /** Folder of the pictures, and the start of their names. */
  readonly folder: string
  readonly state: string
  /** Faults that are no faults here, such as {@link CUT_LEGEND}. */
  readonly accepted?: readonly string[]
}

/**
 * Opens every dashboard, 1440 and 390 pixels wide, waits until every panel is right, and keeps a picture. Returns what is wrong,
 * by page: the faults of panels, errors of the page, and requests to other hosts.
 */
export async function lookAtDashboards(browser: Browser, look: Look): Promise<Readonly<Record<string, string[]>>> {
  mkdirSync(look.folder, { recursive: true })
  const faults: Record<string, string[]> = {}
  for (const dashboard of dashboards.values())
    for (const viewport of SIZES) {
      const page = await browser.newPage({ viewport, extraHTTPHeaders: { ...look.grafana.headers } })
      const wrong = await open(page, dashboard, look)
      const name = `${dashboard.uid}-${viewport.width}`
      await page.screenshot({ path: join(look.folder, `${look.state}-${name}.png`) })
      await page.close()
      if (wrong.length > 0) faults[name] = wrong
    }
  return faults
}

/** Sizes of the window in pixels: of a notebook and of a phone. Panels out of sight are not drawn, so it is as high as the page. */
const SIZES = [
  { width: 1440, height: 2400 },
  { width: 390, height: 9000 },
]

async function open(page: Page, { uid, panels = [] }: Dashboard, { grafana, accepted = [] }: Look): Promise<string[]> {
  const expected = panels.filter(({ type }) => type !== 'row').length // without those in closed rows
  const wrong: string[] = []
  page.on('request', request => {
    if (!request.url().startsWith(grafana.origin) && !/^(data|blob):/.test(request.url()))
      wrong.push(`asks for ${request.url()}`)
  })
  page.on('pageerror', error => wrong.push(error.message))
  // For an administrator, Grafana 12.3 asks whether the dashboard is public, and answers 404 if it is not.
  const isExpected = (url: string) => url.endsWith('/public-dashboards')
  page.on('console', message => {
    if (message.type() === 'error' && !isExpected(message.location().url))
      wrong.push(`${message.text()} ${message.location().url}`)
  })
  await page.goto(`${grafana.origin}/d/${uid}`)
  let faults: string[] = []
  const isRight = async () => {
    const found = await page.evaluate<string[]>(FAULTS)
    faults = found.filter(fault => !accepted.some(text => fault.endsWith(text)))
    const count = await page.locator('[data-viz-panel-key]').count()
    if (count !== expected) faults.push(`${count} of ${expected} panels are there`)
    return faults.length === 0
  }
  await poll(isRight, { timeoutSeconds: 90, intervalSeconds: 0.5 })
  return [...wrong, ...faults]
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Browser, Page } from 'playwright-core'
import type { Grafana } from '../drills/dashboards/grafana-client.ts'
import { poll } from '../lib/poll.ts'
import { dashboards } from '../monitoring/dashboards/dashboards.ts'

/**
 * Runs in the page. Returns what is wrong, by panel: a panel that does not load, has an error, has "No data" or "NaN", or
 * draws nothing. Axes are grey and bounds are red, so a graph draws something when there is a pixel of another colour.
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
  const fault =
    !content ? 'loads'
    : panel.querySelector('[data-testid="data-testid Panel status error"], [role="alert"]') ? 'has an error'
    : /No data|Cannot visualize/.test(content.innerText) ? 'has no data'
    : /NaN/.test(content.innerText) ? 'has a NaN'
    : !(canvas ? canvas.width > 0 && isDrawn() : content.innerText.trim()) ? 'draws nothing'
    : undefined
  return fault ? [title + ' ' + fault] : []
})`

/** Opens a dashboard, waits until every panel is right, and keeps a picture. Returns what is wrong with the page. */
async function look(page: Page, origin: string, { uid, panels = [] }: Dashboard, picture: string): Promise<string[]> {
  const expected = panels.filter(({ type }) => type !== 'row').length // without those in closed rows
  const wrong: string[] = []
  page.on('request', request => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url()))
      wrong.push(`asks for ${request.url()}`)
  })
  page.on('pageerror', error => wrong.push(error.message))
  page.on('console', message => message.type() === 'error' && wrong.push(message.text()))
  await page.goto(`${origin}/d/${uid}`)
  await page.waitForSelector('[data-viz-panel-key]', { timeout: 60_000 })
  let faults: string[] = []
  const isRight = async () => {
    faults = await page.evaluate(FAULTS)
    const count = await page.locator('[data-viz-panel-key]').count()
    if (count !== expected) faults.push(`${count} of ${expected} panels are there`)
    return faults.length === 0
  }
  await poll(isRight, { timeoutSeconds: 60, intervalSeconds: 0.5 })
  await page.screenshot({ path: picture })
  return [...wrong, ...faults]
}

/** Sizes of the window in pixels: of a notebook and of a phone. Panels out of sight are not drawn, so it is as high as the page. */
const SIZES = [
  { width: 1440, height: 2400 },
  { width: 390, height: 9000 },
]

/**
 * Opens every dashboard of a Grafana, 1440 and 390 pixels wide, and keeps a picture of each in a folder. Returns what is wrong,
 * by page: the faults of panels, errors of the page, and requests to other hosts.
 * @param state of the stack; the names of the pictures begin with it
 */
export async function lookAtDashboards(
  browser: Browser,
  { origin, headers }: Grafana,
  folder: string,
  state: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  mkdirSync(folder, { recursive: true })
  const faults: Record<string, string[]> = {}
  for (const dashboard of dashboards.values())
    for (const viewport of SIZES) {
      const page = await browser.newPage({ viewport, extraHTTPHeaders: { ...headers } })
      const wrong = await look(page, origin, dashboard, join(folder, `${state}-${dashboard.uid}-${viewport.width}.png`))
      if (wrong.length > 0) faults[`${dashboard.uid}, ${viewport.width} px`] = wrong
      await page.close()
    }
  return faults
}

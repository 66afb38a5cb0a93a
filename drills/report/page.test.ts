import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { browserFor } from '../../test/chromium.ts'
import { example, failed, inconclusive, stopped } from '../../test/example-results.ts'
import type { OverloadResult } from '../overload/overload-result.ts'
import { overloadReport } from './overload-report.ts'
import { writeReport } from './write-report.ts'

const launch = browserFor('The report in a browser')

/** WCAG 2.2, success criterion 1.4.3. */
const MINIMUM_CONTRAST = 4.5

/** What the page is asked for, in the browser. The project's types know no DOM, so this is text. */
const LOOK = `(() => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number)
  const luminance = colour => {
    const [r, g, b] = rgb(colour).slice(0, 3).map(c => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05)
  const ground = getComputedStyle(document.body).backgroundColor
  const hasText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
  const texts = [...document.querySelectorAll('body *:not(svg *)')].filter(hasText)
  const labels = [...document.querySelectorAll('svg text')].filter(text => text.getBoundingClientRect().height > 0)
  const scaleOf = text => text.getScreenCTM().a
  return {
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    dark: luminance(ground) < 0.5,
    open: document.querySelectorAll('details[open]').length,
    folded: document.querySelectorAll('details').length,
    faint: texts.filter(text => contrast(getComputedStyle(text).color, ground) < ${MINIMUM_CONTRAST}).map(text => text.textContent),
    texts: texts.length,
    labels: labels.length,
    smallest: Math.min(...labels.map(text => parseFloat(getComputedStyle(text).fontSize) * scaleOf(text))),
    cut: labels.map(text => text.getBoundingClientRect()).filter(({ left, right }) => left < 0 || right > innerWidth).length,
    charts: [...document.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().height > 0).length,
  }
})()`

interface Look {
  readonly width: number
  readonly height: number
  readonly dark: boolean
  readonly open: number
  readonly folded: number
  /** Texts whose contrast is too low. */
  readonly faint: string[]
  readonly texts: number
  /** Visible texts of charts, and the height of the smallest in pixels. */
  readonly labels: number
  readonly smallest: number
  /** Labels that reach out of the screen. */
  readonly cut: number
  readonly charts: number
}

const UNFOLD = 'for (const part of document.querySelectorAll("details")) part.open = true'

describe.skipIf(launch === undefined)('the report in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await (launch as NonNullable<typeof launch>)()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
  })

  /** Opens the report of a result and looks at it. */
  async function open(result: OverloadResult, width: number) {
    const folder = mkdtempSync(join(tmpdir(), 'report-'))
    const { html } = await writeReport(overloadReport(result), folder)
    for (const { summary } of [
      ...result.capacities.flatMap(({ runs }) => runs),
      ...result.phases.map(({ load }) => load),
    ])
      await Bun.write(join(folder, summary), '{}')
    const page: Page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme: 'light' })
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(Bun.pathToFileURL(html).href)
    return { page, folder, complaints, look: (await page.evaluate(LOOK)) as Look }
  }

  test.each([
    ['passed', example],
    ['failed', failed],
    ['inconclusive', inconclusive],
    ['stopped', stopped],
  ])(
    'reads on a screen of 390 pixels, light and dark (%s)',
    async (_, result) => {
      const { page, look, complaints } = await open(result, 390)
      expect(look).toMatchObject({ width: 390, dark: false, open: 0, folded: 5, faint: [] })
      expect(look.height).toBeLessThan(6000)
      expect(look.texts).toBeGreaterThan(20)
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.evaluate(UNFOLD)
      const unfolded = (await page.evaluate(LOOK)) as Look
      expect(unfolded).toMatchObject({ width: 390, dark: true, open: 5, faint: [], cut: 0 })
      if (result.phases.length > 0) {
        expect(unfolded.charts).toBe(10)
        expect(unfolded.labels).toBeGreaterThan(50)
        expect(unfolded.smallest).toBeGreaterThanOrEqual(10)
      }
      expect(complaints).toEqual([])
      await page.close()
    },
    30_000,
  )

  test.each([600, 861, 1440])(
    'does not scroll sideways and reads at %i pixels',
    async width => {
      const { page, look } = await open(example, width)
      expect(look.width).toBe(width)
      expect(look.smallest).toBeGreaterThanOrEqual(10)
      await page.close()
    },
    30_000,
  )

  test('every link leads to a page that exists', async () => {
    const { page, folder, complaints } = await open(example, 1440)
    await page.evaluate(UNFOLD)
    const links = (await page.evaluate('[...document.links].map(link => link.getAttribute("href"))')) as string[]
    expect(links.length).toBe(3 + 3 + 3 + 3)
    expect(links.filter(link => !existsSync(join(folder, link)))).toEqual([])
    await page.getByRole('link', { name: 'HighLatency.md' }).click()
    expect(await page.locator('body').textContent()).toContain('# HighLatency')
    expect(complaints).toEqual([])
    await page.close()
  }, 30_000)
})

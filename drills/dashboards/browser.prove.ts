// Opens every dashboard in a headless browser, in three states of one local stack. Pictures are kept in the reports folder.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Browser, Page } from 'playwright-core'
import { poll } from '../../lib/poll.ts'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { grafanaHome } from '../../platforms/local/grafana.ts'
import { browserFor } from '../../test/chromium.ts'
import { nothingLeft, surroundings } from '../../test/drill.ts'
import { make as makeTarget, runMake } from '../../test/make.ts'
import { WITH_INSTALL } from '../../test/programs.ts'

const what = 'the dashboards in a browser'
const launch = browserFor(what)
const home = grafanaHome(process.env)
if (home === undefined) console.warn(`SKIPPED: ${what}: Grafana is neither on PATH nor in the cache; run make grafana`)

/** Timeout of a state in milliseconds: alerts fire or resolve, and six pages are opened on a busy machine. */
const TIMEOUT = 400_000

const place = surroundings(26_310)
const pictures = resolve(process.env.REPORTS || 'reports', 'dashboards')
const origin = `http://127.0.0.1:${place.ports.GRAFANA_PORT}`
const prometheus = new PrometheusClient(async () => `http://127.0.0.1:${place.ports.PROMETHEUS_PORT}`)

const make = (target: string, variables: Readonly<Record<string, string>> = {}) =>
  makeTarget(target, { env: { ...place.env, ...variables } })

/** Waits until HighLatency fires, or no longer fires. */
async function untilHighLatency(fires: boolean): Promise<void> {
  const isSo = async () => {
    const active = await prometheus.alerts()
    return active.some(({ labels, state }) => labels.alertname === 'HighLatency' && state === 'firing') === fires
  }
  expect(await poll(isSo, { timeoutSeconds: 120, intervalSeconds: 1 })).toBe(true)
}

/**
 * Runs in the page. Returns what is wrong, by panel: a panel that does not load, has an error, has "No data", or draws
 * nothing. Axes are grey and bounds are red, so a graph draws something when there is a pixel of another colour.
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
    : !(canvas ? canvas.width > 0 && isDrawn() : content.innerText.trim()) ? 'draws nothing'
    : undefined
  return fault ? [title + ' ' + fault] : []
})`

/** Opens a dashboard, waits until every panel is right, and keeps a picture. Returns what is wrong with the page. */
async function look(page: Page, state: string, { uid, panels = [] }: Dashboard, width: number): Promise<string[]> {
  const expected = panels.filter(({ type }) => type !== 'row').length // without those in closed rows
  const wrong: string[] = []
  page.on('request', request => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url()))
      wrong.push(`asks for ${request.url()}`)
  })
  page.on('pageerror', error => wrong.push(error.message))
  page.on('console', message => message.type() === 'error' && wrong.push(message.text()))
  await page.setViewportSize({ width, height: width < 500 ? 9000 : 2400 }) // panels out of sight are not drawn
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
  await page.screenshot({ path: join(pictures, `${state}-${uid}-${width}.png`) })
  return [...wrong, ...faults]
}

describe.skipIf(launch === undefined || home === undefined)(what, () => {
  let browser: Browser
  let load: Promise<unknown>

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    await make('up', { FAULTS: 'on' })
    browser = await (launch as NonNullable<typeof launch>)()
  }, WITH_INSTALL)
  afterAll(async () => {
    await browser?.close()
    await load
    await runMake('down', { env: place.env })
    await nothingLeft(place)
  }, TIMEOUT)

  /** Each state, and how the stack comes into it from the state before. */
  const states: Readonly<Record<string, () => Promise<unknown>>> = {
    rest: () => Bun.sleep(30_000), // rates need samples
    overload: async () => {
      load = runMake('load', { env: { ...place.env, RATE: '150', DURATION: '150' } })
      await make('fault', { FAULT: 'exception' })
      await untilHighLatency(true)
    },
    recovery: async () => {
      await make('scale', { REPLICAS: '3' })
      await load
      await untilHighLatency(false)
    },
  }
  test.each(Object.entries(states))(
    '%s: every panel of every dashboard draws something',
    async (state, begin) => {
      await begin()
      const faults: Record<string, string[]> = {}
      for (const dashboard of dashboards.values())
        for (const width of [1440, 390]) {
          const page = await browser.newPage()
          faults[`${dashboard.uid}, ${width} px`] = await look(page, state, dashboard, width)
          await page.close()
        }
      expect(Object.entries(faults).filter(([, wrong]) => wrong.length > 0)).toEqual([])
    },
    TIMEOUT,
  )
})

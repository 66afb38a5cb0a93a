import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { compiled, fromSource, type ServiceProcess, startProcess } from '../lib/service-process.ts'
import { browserFor } from './chromium.ts'

const NAME = SERVICE_CONFIG.name

const launch = browserFor('Swagger UI in a browser')

const targets = [
  ['from source', () => fromSource('src/main.ts')],
  ['compiled', () => compiled('src/main.ts')],
] as const

test.skipIf(launch === undefined)(
  'Swagger UI works behind a proxy that strips a prefix of the path',
  async () => {
    const service = await startProcess(fromSource('src/main.ts'))
    const asked: string[] = []
    const proxy = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch({ method, url }) {
        const { pathname } = new URL(url)
        asked.push(pathname)
        return pathname.startsWith('/team/')
          ? fetch(service.url + pathname.slice(5), { method })
          : new Response(null, { status: 404 })
      },
    })
    const browser = await (launch as NonNullable<typeof launch>)()
    const page = await browser.newPage()
    await page.goto(`${proxy.url.origin}/team/swagger`)
    await page.locator('.opblock-summary-path', { hasText: '/faults/delay/' }).click()
    const operation = page.locator('.opblock.is-open')
    await operation.locator('input[type=text]').fill('1')
    await operation.locator('button.execute').click()
    const status = operation.locator('.live-responses-table .response-col_status').last()
    expect(await status.textContent()).toBe('200')
    expect(asked).toContain('/team/faults/delay/1')
    expect(asked.filter(path => !path.startsWith('/team/'))).toEqual([])
    await Promise.all([browser.close(), proxy.stop(true), service.stop()])
  },
  60_000,
)

describe.skipIf(launch === undefined).each(targets)('Swagger UI %s', (_, command) => {
  let service: ServiceProcess
  let browser: Browser
  let page: Page
  const requested: string[] = []
  const errors: string[] = []

  beforeAll(async () => {
    service = await startProcess(await command())
    browser = await (launch as NonNullable<typeof launch>)()
    page = await browser.newPage()
    page.on('request', request => requested.push(request.url()))
    page.on('pageerror', error => errors.push(error.message))
    page.on('console', message => message.type() === 'error' && errors.push(message.text()))
    await page.goto(`${service.url}/swagger`)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await service?.stop()
  })

  test('renders every operation', async () => {
    await page.waitForSelector('.opblock')
    expect(await page.locator('.title').first().textContent()).toContain(NAME)
    const { paths } = (await (await fetch(`${service.url}/swagger/json`)).json()) as { paths: Record<string, object> }
    const operations = Object.values(paths).flatMap(methods => Object.keys(methods))
    expect(operations.length).toBeGreaterThan(5)
    expect(await page.locator('.opblock').count()).toBe(operations.length)
  }, 30_000)

  test('"Try it out" on /faults/delay/{milliseconds} answers 200', async () => {
    await page.locator('.opblock-summary-path', { hasText: '/faults/delay/' }).click()
    const operation = page.locator('.opblock.is-open')
    await operation.locator('input[type=text]').fill('1')
    await operation.locator('button.execute').click()
    const answer = operation.locator('.live-responses-table')
    expect(await answer.locator('.response-col_status').last().textContent()).toBe('200')
    const body = answer.locator('.response-col_description .highlight-code code, .response-col_description pre').first()
    expect(JSON.parse(String(await body.textContent()))).toEqual({ fault: 'delay', amount: 1 })
  }, 30_000)

  test('sends no request elsewhere, and the browser reports no error', () => {
    expect(requested).toContain(`${service.url}/faults/delay/1`)
    const elsewhere = requested.filter(url => !url.startsWith(`${service.url}/`) && !url.startsWith('data:'))
    expect(elsewhere).toEqual([])
    expect(errors).toEqual([])
  })
})

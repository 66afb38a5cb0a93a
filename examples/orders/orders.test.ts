import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scrape } from '../../lib/exposition.ts'
import { readConfig } from '../../src/config.ts'
import { connect, lockWrites } from '../../src/database/connection.ts'
import { startService } from '../../src/service.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { expectAnswers } from '../../test/answers.ts'
import { startPostgres } from '../../test/postgres.ts'
import { until } from '../../test/until.ts'
import { ORDERS_SERVICE } from './orders-service.ts'
import { SAMPLE, SERVICE_CONFIG } from './service.config.ts'

const file = join(mkdtempSync(join(tmpdir(), 'orders-')), 'orders.sqlite')
const postgres = await startPostgres('orders in Postgres')
afterAll(() => postgres?.stop())

const start = (database: string) => {
  const env = { DATABASE_URL: database, PORT: '0', METRICS_PORT: '0', READINESS_DELAY_SECONDS: '0' }
  return startService(ORDERS_SERVICE, readConfig(env, ORDERS_SERVICE.settings), createLogger('silent'))
}

describe.each([['SQLite', file], ...(postgres ? [['Postgres', postgres.url]] : [])] as [string, string][])(
  'orders in %s',
  (_, database) => {
    const id = crypto.randomUUID()
    const put = (url: string, quantity: number) =>
      fetch(`${url}/orders/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ item: 'pen', quantity }),
      })

    test('are placed, read, replaced and refused, and counted by what became of them', async () => {
      const service = await start(database)
      expect((await fetch(`${service.url}/orders/${id}`)).status).toBe(404)
      expect((await put(service.url, 2)).status).toBe(200)
      expect(await (await put(service.url, 3)).json()).toEqual({ id, item: 'pen', quantity: 3 })
      expect(await (await fetch(`${service.url}/orders/${id}`)).json()).toEqual({ id, item: 'pen', quantity: 3 })
      expect((await put(service.url, 101)).status).toBe(409)
      expect((await put(service.url, 0)).status).toBe(422)
      const lock = await lockWrites(database, 'orders')
      expect((await put(service.url, 4)).status).toBe(503)
      expect((await fetch(`${service.url}/orders/${id}`)).status).toBe(200)
      await lock[Symbol.asyncDispose]()
      expect(Object.fromEntries(await scrape(service.metricsUrl))).toMatchObject({
        'orders_total{outcome="accepted"}': 2,
        'orders_total{outcome="refused"}': 1,
        'orders_total{outcome="failed"}': 1,
        'http_requests_total{method="PUT",route="/orders/:id",status_code="503"}': 1,
      })
      await service.close()
    })

    test('wait for one of two connections, and are answered during the drain; then the pool is closed', async () => {
      const service = await start(database)
      const reading = Array.from({ length: 6 }, () => fetch(`${service.url}${SERVICE_CONFIG.probe.path}`))
      const seen = await until(5, 'four wait', async () => {
        const series = await scrape(service.metricsUrl)
        return series.get('db_pool_waiting') === 4 && series
      })
      expect(seen.get('db_pool_busy')).toBe(2)
      expect(await service.drain()).toBe(0)
      for (const response of await Promise.all(reading)) expect(await response.json()).toEqual(SAMPLE)
      if (database === file) expect(existsSync(`${file}-wal`)).toBeFalse() // the last connection removes it
    })

    test('the service is not ready while the database fails', async () => {
      const service = await start(database)
      const status = async () => (await fetch(`${service.url}/readyz`)).status
      expect(await status()).toBe(200)
      const other = await connect(database, 0)
      await other.query('ALTER TABLE orders RENAME TO gone')
      await until(10, 'not ready', async () => (await status()) === 503)
      await other.query('ALTER TABLE gone RENAME TO orders')
      await until(10, 'ready', async () => (await status()) === 200)
      await other[Symbol.asyncDispose]()
      await service.close()
    })
  },
)

test('the service answers the probe, the load and the smoke test as service.config.ts says', async () => {
  const service = await start(file)
  await expectAnswers(service.url, SERVICE_CONFIG)
  await service.close()
})

test.each(['postgres://shop:secret@127.0.0.1:1/secret', '/secret/orders.sqlite'])(
  'without %s the service does not start, and the error does not repeat the address',
  async database => {
    const { message } = await start(database).then(
      () => new Error('it started'),
      (error: Error) => error,
    )
    expect(message).toMatch(/^DATABASE_URL: the database cannot be reached \(.+\)$/)
    expect(message).not.toContain('secret')
  },
)

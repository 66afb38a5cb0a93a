import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { collect } from '../lib/process.ts'

const script = "console.log((await import('./chosen-service.ts')).SERVICE_CONFIG.name)"
const choose = (SERVICE: string) =>
  collect([process.execPath, '-e', script], { cwd: join(import.meta.dir, '..'), env: { ...process.env, SERVICE } })

test('SERVICE names the folder of the service that commands act on', async () => {
  expect((await choose('examples/orders')).out).toBe('orders\n')
  expect((await choose('')).out).not.toBe('orders\n')
})

test('another SERVICE is refused, with what it takes', async () => {
  const { code, err } = await choose('examples/order')
  expect(err).toContain('SERVICE: "examples/order" is not accepted')
  expect(err).toContain('it takes a folder with a service.config.ts, such as examples/orders')
  expect(code).toBe(1)
})

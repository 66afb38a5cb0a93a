import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { configIn } from '../chosen-service.ts'
import { collect } from '../lib/process.ts'

test('SERVICE names the folder of the service that commands act on', async () => {
  const script = "console.log((await import('./chosen-service.ts')).SERVICE_CONFIG.name)"
  const env = { ...process.env, SERVICE: 'examples/orders' }
  const { out } = await collect([process.execPath, '-e', script], { cwd: join(import.meta.dir, '..'), env })
  expect(out).toBe('orders\n')
})

test('a folder without a service is refused in one line, with what is accepted', () => {
  expect(configIn('examples/orders').name).toBe('orders')
  expect(() => configIn('examples/order')).toThrow(
    /^SERVICE: "examples\/order" is not accepted \(.+\); it takes a folder with a service.config.ts, such as examples\/orders$/,
  )
})

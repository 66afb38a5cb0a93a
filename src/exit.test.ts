import { expect, test } from 'bun:test'
import { collect } from '../lib/process.ts'

test.each([
  ['throw', 'uncaught exception'],
  ['Promise.reject', 'unhandled rejection'],
])('a process that ends by %s loses no line, and writes nothing but lines of JSON', async (end, message) => {
  const script = `
    import { exitOnErrors } from './src/exit.ts'
    import { createLogger } from './src/telemetry/logger.ts'
    const log = createLogger('info')
    exitOnErrors(log)
    setTimeout(() => {
      for (let i = 0; i < 1000; i++) log.info({ i }, 'before the end')
      ${end}(new Error('on purpose'))
    }, 1)
    setTimeout(() => {}, 60_000)`
  const { code, out, err } = await collect([process.execPath, '-e', script])
  expect({ code, err }).toEqual({ code: 1, err: '' })
  const lines: { msg: string; err?: { message: string } }[] = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toHaveLength(1001)
  expect(lines.at(-1)).toMatchObject({ level: 'fatal', msg: message, err: { message: 'on purpose' } })
})

import { expect, test } from 'bun:test'
import { collect } from '../lib/process.ts'
import { compiled, fromSource } from '../lib/service-process.ts'

// Elysia decides by the text of a function whether to await it; a minified arrow that calls something looks asynchronous
test('a trivial request is answered at once, from source and compiled', async () => {
  const entry = 'test/synchronous.ts'
  for (const command of [fromSource(entry), await compiled(entry)])
    expect(await collect(command)).toEqual({ code: 0, out: 'at once\n', err: '' })
}, 30_000)

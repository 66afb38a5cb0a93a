import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { bypassProxyForLoopback } from './loopback.ts'
import { collect } from './process.ts'

const LOOPBACK = '127.0.0.1,localhost,::1'
test.each([
  [{}, LOOPBACK, LOOPBACK],
  [{ NO_PROXY: 'a.example, .b.example' }, `a.example,.b.example,${LOOPBACK}`, `a.example,.b.example,${LOOPBACK}`],
  [{ NO_PROXY: '127.0.0.0/8', no_proxy: 'a.example' }, `127.0.0.0/8,${LOOPBACK}`, `a.example,${LOOPBACK}`],
  [{ NO_PROXY: '', no_proxy: LOOPBACK }, LOOPBACK, LOOPBACK],
])('%j keeps its list, and this machine is added once', (env: NodeJS.Dict<string>, upper, lower) => {
  bypassProxyForLoopback(env)
  bypassProxyForLoopback(env)
  expect(env).toEqual({ NO_PROXY: upper, no_proxy: lower })
})

const server = (text: string) =>
  Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: ({ url }) => new Response(`${text} ${new URL(url).host}`) })
const [target, proxy] = [server('target'), server('proxy')]
afterAll(() => Promise.all([target.stop(true), proxy.stop(true)]))

test.each([
  ['HTTP_PROXY', {}],
  ['http_proxy', { NO_PROXY: 'a.example' }],
  ['HTTP_PROXY', { no_proxy: 'a.example' }],
  ['HTTP_PROXY', { NO_PROXY: '127.0.0.0/8' }],
  ['ALL_PROXY', {}],
] as [string, NodeJS.Dict<string>][])(
  'with %s and %j, fetch asks this machine directly, and others by the proxy',
  async (name, more) => {
    const script = `
    const { bypassProxyForLoopback } = await import('${join(import.meta.dir, 'loopback.ts')}')
    const ask = host => fetch('http://' + host + '/').then(response => response.text())
    const before = await ask('other.example')
    bypassProxyForLoopback()
    console.log([before, await ask('127.0.0.1:${target.port}'), await ask('localhost:${target.port}')].join('\\n'))`
    const env = { PATH: process.env.PATH, [name]: proxy.url.origin, ...more }
    const { out, err } = await collect([process.execPath, '-e', script], { env })
    expect({ out, err }).toEqual({
      out: `proxy other.example\ntarget 127.0.0.1:${target.port}\ntarget localhost:${target.port}\n`,
      err: '',
    })
  },
)

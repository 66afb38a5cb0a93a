// The service with more routes, one for each way in which Elysia can answer. Run as a process of its own.
import { Elysia, t } from 'elysia'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { OWN_SERVICE } from '../src/own-service.ts'
import { startService } from '../src/service.ts'
import { createLogger } from '../src/telemetry/logger.ts'

async function* words(end: 'well' | 'badly') {
  yield 'one '
  await Bun.sleep(300)
  if (end === 'badly') throw new RangeError('in the middle of a body')
  yield 'two'
}

const bytes = (end: 'well' | 'badly') => {
  const source = words(end)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(new TextEncoder().encode(value))
    },
  })
}

const extra = () =>
  new Elysia()
    .get('/x/raw', () => new Response('raw', { status: 202 }))
    .get('/x/raw-stream', () => new Response(bytes('well')))
    .get('/x/status', ({ status }) => status("I'm a teapot", 'short and stout'))
    .get('/x/static', 'static')
    .get('/x/schemas', () => 'documented by schemas', {
      response: { 200: t.String(), 404: t.String(), 500: t.String() },
    })
    .get('/x/stream', () => bytes('well'))
    .get('/x/broken-stream', () => bytes('badly'))
    .get('/x/generator', () => words('well'))
    .get('/x/deaf', async () => {
      await Bun.sleep(1500)
      return 'nobody is there any more'
    })
    .get('/x/throws', () => {
      throw 'not an error'
    })
    .get('/x/integer', ({ query }) => query, { query: t.Object({ n: t.Integer() }) })
    .post('/x/body', ({ body }) => ({ body }), { body: t.Object({ n: t.Integer() }) })
    .get('/x/wrong-answer', () => ({ n: 'no integer' }) as never, { response: { 200: t.Object({ n: t.Integer() }) } })
    .get('/x/no-json', () => ({ n: 1n }))
    .get('/x/early', () => 'never reached', { beforeHandle: ({ status }) => status(429, 'early') })

const config = readConfig(process.env, {})
const log = createLogger(config.logLevel)
startService(OWN_SERVICE, config, log, deps =>
  createApp(deps)
    .use(extra())
    .onRequest(({ request }) => {
      if (request.headers.has('x-refuse')) return new Response('refused', { status: 429 })
      if (request.headers.has('x-throw')) throw new TypeError('in the first hook')
      return undefined
    }),
).then(service => log.info({ url: service.url, metrics: service.metricsUrl }, 'listening'))

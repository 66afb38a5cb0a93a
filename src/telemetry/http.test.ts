import { describe, expect, test } from 'bun:test'
import { type Handler, instrument } from './http.ts'
import { createLogger } from './logger.ts'
import { Metrics } from './metrics.ts'

/** Sends one request to an instrumented handler; what came of it, and what was counted and logged. */
async function send(handler: unknown) {
  const metrics = new Metrics()
  const lines: { msg: string; status?: number }[] = []
  const log = createLogger('info', { write: line => lines.push(JSON.parse(line)) })
  const answerFailure = () => new Response('failed', { status: 500 })
  const instrumented = instrument(handler as Handler, { metrics, log, ignoredRoutes: new Set(), answerFailure })
  const response = await instrumented(new Request('http://a/'))
  const exposition = await metrics.registry.metrics()
  const sample = (series: string) =>
    exposition
      .split('\n')
      .find(line => line.startsWith(series))
      ?.split(' ')
      .at(-1)
  return {
    status: response.status,
    inFlight: metrics.inFlight,
    counted: sample('http_requests_total{method="GET",route="unmatched",status_code="500"}'),
    exceptions: exposition.match(/^http_exceptions_total\{route="unmatched",type="(\w+)"\} 1$/m)?.[1],
    logged: lines.map(({ msg, status }) => [msg, status]),
  }
}

describe('a handler that fails is answered with 500, counted and logged, and nothing stays in flight', () => {
  test.each([
    [
      'throws',
      () => {
        throw new RangeError('a')
      },
      'RangeError',
    ],
    [
      'rejects',
      async () => {
        throw new RangeError('a')
      },
      'RangeError',
    ],
    [
      'throws no error',
      () => {
        throw 'a'
      },
      'other',
    ],
    ['returns nothing', () => undefined, 'TypeError'],
    ['returns a text', () => 'a', 'TypeError'],
    ['resolves to nothing', async () => undefined, 'TypeError'],
  ])('it %s', async (_, handler, type) => {
    expect(await send(handler)).toEqual({
      status: 500,
      inFlight: 0,
      counted: '1',
      exceptions: type,
      logged: [
        ['exception', undefined],
        ['request', 500],
      ],
    })
  })
})

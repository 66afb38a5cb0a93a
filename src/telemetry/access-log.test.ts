import { expect, test } from 'bun:test'
import { createLogger } from './logger.ts'

const withoutTime = (line: string | undefined) => `${line}`.replace(/"time":"[\d:.TZ-]{24}"/, '"time":""')

test.each([
  ['GET', '/', 200, 0.000001, 'abc'],
  ['PROPFIND', '/items/:id', 404, 12.5, undefined],
  ['GET', '/a "quoted" route', 500, 0, 'A-1_b=.'],
])('a line of the access log is the one that pino would write: %s %s', (method, route, status, seconds, id) => {
  const lines: string[] = []
  const log = createLogger('info', { write: line => lines.push(line) })
  const request = new Request('http://localhost/', { method, headers: id === undefined ? {} : { 'x-request-id': id } })
  for (let i = 0; i < 2; i++) log.access?.(request, route, status, seconds)
  const { requestId } = JSON.parse(`${lines[0]}`)
  log.info({ method, route, status, seconds, requestId }, 'request')
  expect(lines.map(withoutTime)).toEqual(Array(3).fill(withoutTime(lines[2])))
  expect(requestId).toMatch(id ?? /^[0-9a-f-]{36}$/)
})

test('there is no access log where the level is above info', () => {
  expect(createLogger('warn', { write() {} }).access).toBeUndefined()
})

import { expect, test } from 'bun:test'
import { ownRange, readRanges } from './source-ranges.ts'

test.each([
  ['', undefined],
  ['203.0.113.7/32', ['203.0.113.7/32']],
  ['203.0.113.7/32,198.51.100.0/24', ['203.0.113.7/32', '198.51.100.0/24']],
])('SOURCE_RANGES=%s', (text, ranges) => {
  expect(readRanges({ SOURCE_RANGES: text })).toEqual(ranges as never)
})

test.each(['203.0.113.7', 'a/32', '203.0.113.7/32, 198.51.100.0/24', '::1/128'])(
  'SOURCE_RANGES=%s is refused',
  text => {
    expect(() => readRanges({ SOURCE_RANGES: text })).toThrow(
      /^SOURCE_RANGES: ".*" is not accepted; it takes IPv4 ranges/,
    )
  },
)

test('the address of this machine is asked for, and only an IPv4 address is believed', async () => {
  const answers = ['203.0.113.7\n', '<html>']
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response(answers.shift()) })
  const echo = server.url.origin
  expect(await ownRange(echo)).toBe('203.0.113.7/32')
  await expect(ownRange(echo)).rejects.toThrow(`${echo} does not tell the address of this machine; set SOURCE_RANGES`)
  server.stop(true)
  await expect(ownRange(echo)).rejects.toThrow('set SOURCE_RANGES')
})

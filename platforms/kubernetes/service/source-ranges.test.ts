import { expect, test } from 'bun:test'
import { ownRange, readRanges, withRanges } from './source-ranges.ts'

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

test('ranges replace those of a load balancer, and only those', () => {
  const manifests = (ranges: string) => `spec:\n  loadBalancerSourceRanges:\n${ranges}  type: LoadBalancer\n`
  expect(withRanges(manifests('  - 192.0.2.1/32\n  - 192.0.2.2/32\n'), ['203.0.113.7/32'])).toBe(
    manifests('  - 203.0.113.7/32\n'),
  )
  expect(() => withRanges('spec: {}\n', ['203.0.113.7/32'])).toThrow('this overlay has no load balancer')
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../../service.config.ts'
import { exchange, statuses } from '../../../test/raw.ts'
import { readConfig } from '../../config.ts'
import { OWN_SERVICE } from '../../own-service.ts'
import { type Service, startService } from '../../service.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { factorise } from './service.ts'

let service: Service
beforeAll(async () => {
  service = await startService(OWN_SERVICE, readConfig({ PORT: '0', METRICS_PORT: '0' }, {}), createLogger('silent'))
})
afterAll(() => service.close())

describe('GET /factors/{n}', () => {
  test('factorises', async () => {
    const response = await fetch(`${service.url}/factors/360`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toStartWith('application/json')
    expect(await response.text()).toBe(
      '{"n":360,"prime":false,"factors":[{"prime":2,"exponent":3},{"prime":3,"exponent":2},{"prime":5,"exponent":1}]}',
    )
  })

  test.each([
    ['2', true],
    ['3', true],
    ['4', false],
    ['9007199254740881', true],
    ['9007199254740991', false],
  ])('%s', async (n, prime) => {
    const body = (await (await fetch(`${service.url}/factors/${n}`)).json()) as {
      n: number
      prime: boolean
      factors: { prime: number; exponent: number }[]
    }
    expect(`${body.n}`).toBe(n)
    expect(body.prime).toBe(prime)
    const product = body.factors.reduce((all, { prime, exponent }) => all * BigInt(prime) ** BigInt(exponent), 1n)
    expect(product).toBe(BigInt(n))
  })

  test.each([
    '0',
    '1',
    '-1',
    '-360',
    '+360',
    '3.0',
    '3.5',
    '.5',
    '5.',
    '1e3',
    '0x10',
    '0b11',
    '007',
    '02',
    '1_000',
    '1,000',
    '360n',
    'NaN',
    'Infinity',
    'null',
    'abc',
    '%33%36%30',
    '36%30',
    '%20360',
    '360%20',
    '3%2060',
    '360%0A',
    '%00',
    '%zz',
    '%',
    '%EF%BC%93',
    '３６０',
    '٣٦٠',
    '²',
    'ⅻ',
    '360;1',
    '360#1',
    '9007199254740992',
    '9007199254740993',
    '9999999999999999',
    '10000000000000000',
    '9'.repeat(400),
    `${'0'.repeat(400)}7`,
  ])('refuses %s', async n => {
    const answer = await exchange(
      service.url,
      `GET /factors/${encodeURI(n).replaceAll('%25', '%')} HTTP/1.1\r\nhost: a\r\n\r\n`,
    )
    expect(statuses(answer)).toEqual([422])
    const [, problem] = answer.split('\r\n\r\n')
    expect(JSON.parse(problem as string)).toMatchObject({
      type: `urn:problem-type:${SERVICE_CONFIG.name}:unacceptable-integer`,
      status: 422,
      detail:
        'n must be an integer from 2 to 9007199254740991, in decimal digits without sign, leading zeros or escapes.',
    })
  })
})

test.each([
  ['heavy', 2.5 * 10 ** 13],
  ['medium', (2.5 * 10 ** 13) / 9],
  ['light', 2.5 * 10 ** 11],
] as const)('a request of the cost %s asks for a prime just below %d', (cost, most) => {
  for (let random = 0; random < 5; random++) {
    const n = Number(SERVICE_CONFIG.load.request(cost, random).path.replace('/factors/', ''))
    expect(factorise(n)).toEqual([{ prime: n, exponent: 1 }])
    expect(n).toBeLessThan(most)
    expect(n / most).toBeGreaterThan(0.999_999)
  }
})

import { describe, expect, test } from 'bun:test'
import { factorise } from './service.ts'

/** In range. */
const LARGEST_PRIME = 9_007_199_254_740_881

const asText = (n: number) =>
  factorise(n)
    .map(({ prime, exponent }) => (exponent === 1 ? `${prime}` : `${prime}^${exponent}`))
    .join(' ')

describe('factorise', () => {
  test.each([
    [2, '2'],
    [3, '3'],
    [4, '2^2'],
    [5, '5'],
    [6, '2 3'],
    [25, '5^2'],
    [35, '5 7'],
    [49, '7^2'],
    [360, '2^3 3^2 5'],
    [2 ** 52, '2^52'],
    [3 ** 33, '3^33'],
    [5 ** 22, '5^22'],
    [7 ** 18, '7^18'],
    [208_057 ** 3, '208057^3'], // the largest cube of a prime in range
    [94_906_249 ** 2, '94906249^2'], // the largest square of a prime in range
    [LARGEST_PRIME, '9007199254740881'],
    [Number.MAX_SAFE_INTEGER, '6361 69431 20394401'],
  ])('%d', (n, factors) => {
    expect(asText(n)).toBe(factors)
  })

  test('agrees with a sieve up to 20,000', () => {
    const smallest = new Map<number, number>()
    for (let p = 2; p <= 20_000; p++) for (let m = p; m <= 20_000; m += p) if (!smallest.has(m)) smallest.set(m, p)
    for (let n = 2; n <= 20_000; n++) {
      const primes: number[] = []
      for (let rest = n; rest > 1; rest /= smallest.get(rest) as number) primes.push(smallest.get(rest) as number)
      expect(factorise(n).flatMap(({ prime, exponent }) => Array(exponent).fill(prime))).toEqual(primes)
    }
  })
})

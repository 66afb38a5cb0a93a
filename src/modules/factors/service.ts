import type { Factor } from './model.ts'

/**
 * The prime factorisation of an integer from 2 to 2^53 − 1, primes ascending.
 * Trial division by 2, 3 and the numbers 6k ± 1: the cost grows with the square root of the largest prime involved,
 * from microseconds to about a second for the largest primes, so that the input sets the load.
 */
export function factorise(n: number): Factor[] {
  const factors: Factor[] = []
  let rest = n

  const divideBy = (prime: number) => {
    let exponent = 0
    while (rest % prime === 0) {
      rest /= prime
      exponent++
    }
    if (exponent > 0) factors.push({ prime, exponent })
  }

  divideBy(2)
  divideBy(3)
  for (let k = 5; k * k <= rest; k += 6) {
    if (rest % k === 0) divideBy(k)
    if (rest % (k + 2) === 0) divideBy(k + 2)
  }
  if (rest > 1) factors.push({ prime: rest, exponent: 1 })
  return factors
}

import type { Factor } from './model.ts'

/**
 * The prime factorisation of an integer from 2 to 2^53 − 1, primes ascending.
 * Trial division by 2, 3 and the numbers 6k ± 1. The input sets the load: the time grows with the square root of n's largest
 * prime, from microseconds to 50 ms.
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
  // Not by `%`: JavaScriptCore compiles `%` for integers until it sees a number beyond 2^51, and is then ten times slower for
  // every later number. Rounding cannot hide a remainder here: a remainder adds at least 1/k to the quotient, rounding less.
  for (let k = 5; k * k <= rest; k += 6) {
    if (Number.isInteger(rest / k)) divideBy(k)
    if (Number.isInteger(rest / (k + 2))) divideBy(k + 2)
  }
  if (rest > 1) factors.push({ prime: rest, exponent: 1 })
  return factors
}

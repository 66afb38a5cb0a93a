import { t } from 'elysia'

/** What `n` may be: every integer that a JSON number carries exactly. */
export const N = { name: 'n', minimum: 2, maximum: Number.MAX_SAFE_INTEGER } as const

const Factor = t.Object({
  prime: t.Integer({ minimum: 2 }),
  exponent: t.Integer({ minimum: 1 }),
})

export const Factorisation = t.Object({
  n: t.Integer({ minimum: N.minimum, maximum: N.maximum }),
  prime: t.Boolean({ description: 'True if n is a prime number.' }),
  factors: t.Array(Factor, { description: 'The prime factors, ascending.' }),
})

export type Factor = typeof Factor.static
export type Factorisation = typeof Factorisation.static

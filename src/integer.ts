import { Problem } from './problem.ts'

/** The integers that a path parameter accepts, both ends included. */
export interface IntegerRange {
  readonly name: string
  readonly minimum: number
  readonly maximum: number
}

/** An integer in canonical spelling: no sign, no leading zero, no exponent, no escape. */
const CANONICAL = /^(?:0|[1-9][0-9]*)$/

/**
 * Parses the last segment of a raw (still percent-encoded) path as an integer, without decoding, trimming or rounding.
 * Throws a 422 {@link Problem} that says what is accepted.
 */
export function integerFromPath(path: string, { name, minimum, maximum }: IntegerRange): number {
  const raw = path.slice(path.lastIndexOf('/') + 1)
  const value = CANONICAL.test(raw) ? Number(raw) : Number.NaN // a number that is rounded here is at least 2^53, so out of range
  if (value >= minimum && value <= maximum) return value
  throw new Problem(
    'unacceptable-integer',
    `${name} must be an integer from ${minimum} to ${maximum}, in decimal digits without sign, leading zeros or escapes.`,
  )
}

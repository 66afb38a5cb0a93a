/**
 * What load asks to have factorised, by cost. Primes: no shortcut. heavy, just below 10^14, takes 3.3 million divisions, 5 to
 * 10 ms; medium a third of it; light a twentieth.
 */
export const INPUTS = {
  heavy: [99_999_999_999_973, 99_999_999_999_971, 99_999_999_999_959, 99_999_999_999_931, 99_999_999_999_929],
  medium: [11_111_111_111_053, 11_111_111_111_017, 11_111_111_110_997, 11_111_111_110_993, 11_111_111_110_969],
  light: [249_999_999_973, 249_999_999_947, 249_999_999_911, 249_999_999_871, 249_999_999_857],
} as const

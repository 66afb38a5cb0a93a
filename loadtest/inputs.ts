/**
 * What load asks to have factorised, by cost. Primes: no shortcut. heavy, just below 2.5 × 10^13, takes 1.7 million divisions,
 * 3 to 6 ms; medium a third of it; light a tenth. Not more, because a replica has 0.3 cores: where its calls come at random,
 * as they do to one of several, what waits for ten of them is late long before it has no time left.
 */
export const INPUTS = {
  heavy: [24_999_999_999_983, 24_999_999_999_973, 24_999_999_999_967, 24_999_999_999_943, 24_999_999_999_899],
  medium: [2_777_777_777_741, 2_777_777_777_717, 2_777_777_777_713, 2_777_777_777_699, 2_777_777_777_693],
  light: [249_999_999_973, 249_999_999_947, 249_999_999_911, 249_999_999_871, 249_999_999_857],
} as const

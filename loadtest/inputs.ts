/**
 * Numbers to factorise, by cost. All are primes, which need every division. A heavy input, just below 2.5 × 10^13, takes 1.7
 * million divisions, 3 to 6 ms of CPU; medium takes a third, light a tenth. Costlier inputs would miss the latency objective
 * long before a replica (0.3 cores) is saturated: requests arrive at random, and ten of them queue.
 */
export const INPUTS = {
  heavy: [24_999_999_999_983, 24_999_999_999_973, 24_999_999_999_967, 24_999_999_999_943, 24_999_999_999_899],
  medium: [2_777_777_777_741, 2_777_777_777_717, 2_777_777_777_713, 2_777_777_777_699, 2_777_777_777_693],
  light: [249_999_999_973, 249_999_999_947, 249_999_999_911, 249_999_999_871, 249_999_999_857],
} as const

/** A number with three significant digits, without a needless zero. */
export const figure = (value: number) => `${Number(value.toPrecision(3))}`

/** A length of time in seconds, for people. */
export function time(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return 'not measured'
  return Math.abs(seconds) < 1 ? `${figure(seconds * 1000)} ms` : `${figure(seconds)} s`
}

/** A ratio as a percentage. */
export const percent = (ratio: number) => `${figure(ratio * 100)} %`

/** A rate in requests per second, with at most one decimal. */
export const rate = (perSecond: number) => `${Number(perSecond.toFixed(1))}`

/** Words as a list: "a", "a and b", "a, b and c". */
export const list = (words: readonly string[]) =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** A number of replicas: "1 replica", "3 replicas". */
export const replicasOf = (count: number) => `${count} replica${count === 1 ? '' : 's'}`

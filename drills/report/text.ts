/** A number with three significant digits, without a needless zero. */
export const figure = (value: number) => `${Number(value.toPrecision(3))}`

/** A length of time in seconds, for people. */
export function time(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return 'not measured'
  return Math.abs(seconds) < 1 ? `${figure(seconds * 1000)} ms` : `${figure(seconds)} s`
}

/** A ratio as a percentage. */
export const percent = (ratio: number) => `${figure(ratio * 100)} %`

/** Rows under their columns. */
export interface Table {
  readonly title: string
  /** What to know before reading it. */
  readonly note?: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

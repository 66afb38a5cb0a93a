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

/** Text, code such as PromQL, or a link. `link` is relative to the report's folder. */
export type Cell = string | { readonly code: string } | { readonly link: string; readonly text: string }

/** The cells of a row. A row with a `state` is highlighted. */
export interface Row {
  readonly cells: readonly Cell[]
  readonly state?: 'failed' | 'inconclusive'
}

/** Rows under their columns. */
export interface Table {
  readonly title: string
  /** What to know before reading the table. */
  readonly note?: string
  /** Names of the columns; all empty for a table without a head. */
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** A cell as plain text. */
export function plain(cell: Cell): string {
  if (typeof cell === 'string') return cell
  return 'code' in cell ? cell.code : cell.text
}

import type { Check, Verdict } from '../overload/overload-result.ts'
import type { Chart } from './charts.ts'

/** A report, which `writeReport` renders as HTML and as Markdown. */
export interface Report {
  readonly title: string
  /** What made the report, such as "drill overload · local". */
  readonly origin: string
  /** Unix time in seconds. */
  readonly startedAt: number
  readonly verdict: Verdict
  /** The verdict in one line. */
  readonly line: string
  /** Reasons of the verdict and what to do, one sentence each. */
  readonly advice: readonly string[]
  /** The main figures, one sentence each. */
  readonly figures: readonly string[]
  readonly sections: readonly Section[]
  /** Alerts whose runbooks are copied beside the report. */
  readonly alerts: readonly string[]
  /** The content of `report.json`. */
  readonly data: object
}

/** A part of a report: charts, and a table. */
export interface Section {
  readonly title: string
  /** What to know before reading the table. */
  readonly note?: string
  readonly charts?: readonly Chart[]
  /** Titles of the columns; undefined for a table without a head. */
  readonly head?: readonly string[]
  /** Undefined for a section without a table. */
  readonly rows?: readonly Row[]
  /** Whether the section is folded under its title. */
  readonly folded?: boolean
}

/** The cells of a row. A row with a `state` is highlighted. */
interface Row {
  readonly cells: readonly Cell[]
  readonly state?: Exclude<Verdict, 'passed'> | undefined
}

/** Text, code such as PromQL, or a link. `link` is relative to the report's folder. */
export type Cell = string | { readonly code: string } | { readonly link: string; readonly text: string }

/** A cell as plain text. */
export function plain(cell: Cell): string {
  if (typeof cell === 'string') return cell
  return 'code' in cell ? cell.code : cell.text
}

/** A column of a table: its title, and its cell in the row of an item. */
export interface Column<Item> {
  readonly title: string
  readonly cell: (item: Item) => Cell
}

/** A table with a row for each item. `stateOf` returns the verdict on an item. */
export const tableOf = <Item>(
  items: readonly Item[],
  columns: readonly Column<Item>[],
  stateOf: (item: Item) => Verdict = () => 'passed',
): Required<Pick<Section, 'head' | 'rows'>> => ({
  head: columns.map(({ title }) => title),
  rows: items.map(item => {
    const state = stateOf(item)
    return { cells: columns.map(({ cell }) => cell(item)), state: state === 'passed' ? undefined : state }
  }),
})

/** A table of names and values, without a head. */
export const pairsOf = (values: Readonly<Record<string, Cell>>): Pick<Section, 'rows'> => ({
  rows: Object.entries(values).map(cells => ({ cells })),
})

/** The mark of a verdict, for places that show no colour. */
export const MARKS = { passed: '✓', failed: '✗', inconclusive: '?' } as const satisfies Record<Verdict, string>

/** A column with the verdict on an item. */
export const verdictColumn = <Item>(stateOf: (item: Item) => Verdict): Column<Item> => ({
  title: '',
  cell: item => (stateOf(item) === 'passed' ? MARKS.passed : `${MARKS[stateOf(item)]} ${stateOf(item)}`),
})

/** The state of a check in a drill with this verdict. */
export function stateOf({ ok, needsCPU }: Check, verdict: Verdict): Verdict {
  if (ok) return 'passed'
  return verdict === 'inconclusive' && needsCPU ? 'inconclusive' : 'failed'
}

/** What each check demands and what was measured. Checks that did not pass come first. */
export function checksSection(checks: readonly Check[], verdict: Verdict): Section {
  const state = (check: Check) => stateOf(check, verdict)
  const counts = (['passed', 'failed', 'inconclusive'] as const).flatMap(each => {
    const count = checks.filter(check => state(check) === each).length
    if (count === 0) return []
    return [count === checks.length ? `all ${each}` : `${count} ${each}`]
  })
  const columns: Column<Check>[] = [
    verdictColumn(state),
    { title: 'check', cell: ({ name }) => name },
    { title: 'demanded', cell: ({ expected }) => expected },
    { title: 'measured', cell: ({ seen }) => seen },
  ]
  return {
    title: [`${checks.length} checks`, ...counts].join(', '),
    ...tableOf(
      checks.toSorted((a, b) => Number(a.ok) - Number(b.ok)),
      columns,
      state,
    ),
  }
}

/** A column with a link to the copy of an alert's runbook beside the report. */
export const runbookColumn = <Item>(alertOf: (item: Item) => string): Column<Item> => ({
  title: 'runbook',
  cell: item => ({ link: `runbooks/${alertOf(item)}.md`, text: `${alertOf(item)}.md` }),
})

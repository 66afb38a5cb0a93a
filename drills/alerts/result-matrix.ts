import { BUDGET_SCENARIOS } from '../../monitoring/incidents/budget-scenarios.ts'
import { unitTests } from '../../monitoring/incidents/unit-tests.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { Machine } from '../overload/overload-result.ts'
import { type Cell, type Row, type Table, time } from '../report/table-model.ts'
import { alignedTable } from '../report/terminal.ts'
import { type AlertResult, isPassed } from './alert-result.ts'

/** Results of all alerts of a drill, as in `report.json`. */
export interface ResultMatrix {
  readonly drill: string
  readonly platform: string
  /** Unix times in seconds. */
  readonly startedAt: number
  readonly endedAt: number
  readonly machine: Machine
  /** The alerts of the drill, in order. An alert without a result was not reached. */
  readonly alerts: readonly string[]
  readonly results: readonly AlertResult[]
  /** Why the drill stopped early. */
  readonly failure?: string | undefined
}

/** Whether every alert passed. */
export const isComplete = ({ alerts, results, failure }: ResultMatrix) =>
  failure === undefined && results.length === alerts.length && results.every(isPassed)

/** The results in a few sentences. */
export function summary({ alerts, results, failure, startedAt, endedAt }: ResultMatrix): string {
  const passed = results.filter(isPassed)
  const drilled = passed.filter(({ kind }) => kind === 'drilled').length
  const slowest = Math.max(0, ...passed.flatMap(({ detection }) => detection ?? []))
  return [
    `${passed.length} of ${alerts.length} alerts passed: ${drilled} drilled, ${passed.length - drilled} replayed.`,
    `Slowest delivery: ${time(slowest)}. Duration: ${time(endedAt - startedAt)}.`,
    ...(failure ? [`The drill stopped early: ${failure}`] : []),
  ].join(' ')
}

/** The number of unit tests of an alert, including the budget scenarios in which the alert fires. */
function unitTestsOf(alert: string): number {
  const scenarios = BUDGET_SCENARIOS.filter(({ firing }) => firing.some(interval => interval.alert === alert))
  return (unitTests(PROFILE).get(alert)?.length ?? 0) + scenarios.length
}

const rowOf = (ok: boolean, ...cells: Cell[]): Row =>
  ok ? { cells: ['✓', ...cells] } : { cells: ['✗ failed', ...cells], state: 'failed' }

/** The result of each alert. `runbook` makes the cell with the link to a runbook. */
export function matrixTable({ alerts: names, results }: ResultMatrix, runbook: (alert: string) => Cell): Table {
  const severities = new Map(alerts(PROFILE).map(({ name, severity }) => [name, severity]))
  const head = ['alert', 'severity', 'unit tests', 'drill', 'detection', 'bound', 'delivered', 'resolved', 'runbook']
  return {
    title: 'Result of each alert',
    note: 'Detection: seconds from the begin of the cause to the delivery at the receiver. Resolved: seconds from the end of the cause to the delivery of "resolved".',
    columns: ['', ...head],
    rows: names.map(name => {
      const about = [name, severities.get(name) ?? '', `${unitTestsOf(name)}`]
      const result = results.find(({ alert }) => alert === name)
      if (result === undefined) return rowOf(false, ...about, 'not reached', '', '', '', '', runbook(name))
      const { kind, platform, detection, bound, recovery } = result
      const drill = kind === 'drilled' ? `drilled, ${platform}` : 'replayed'
      const delivered = detection === undefined ? 'no' : 'yes'
      const figures = [time(detection), `${bound} s`, delivered, time(recovery)]
      return rowOf(isPassed(result), ...about, drill, ...figures, runbook(name))
    }),
  }
}

/** The cause of each alert, and other alerts that fired. */
export const causesTable = ({ results }: ResultMatrix): Table => ({
  title: 'Cause of each alert',
  note: 'Other alerts fired because of the same cause or because of other work on the machine. Inhibited alerts are not delivered.',
  columns: ['alert', 'cause', 'other alerts that fired'],
  rows: results.map(({ alert, how, others }) => ({ cells: [alert, how, others.join(', ')] })),
})

/** The failed checks; no row when all passed. */
const failuresTable = ({ results }: ResultMatrix): Table => ({
  title: 'Failures',
  columns: ['', 'alert', 'check', 'expected', 'seen'],
  rows: results.flatMap(({ alert, checks, failure }) => [
    ...(failure ? [rowOf(false, alert, 'drill stopped early', '', failure)] : []),
    ...checks.filter(({ ok }) => !ok).map(({ name, expected, seen }) => rowOf(false, alert, name, expected, seen)),
  ]),
})

/** The failures, when there are some, before other tables. */
export function withFailures(matrix: ResultMatrix, ...tables: Table[]): Table[] {
  const failures = failuresTable(matrix)
  return failures.rows.length > 0 ? [failures, ...tables] : tables
}

/** Tables and summary for a terminal, without links. */
export const matrixText = (matrix: ResultMatrix): string =>
  [matrixTable(matrix, () => ''), ...withFailures(matrix)].map(alignedTable).concat(summary(matrix)).join('\n\n')

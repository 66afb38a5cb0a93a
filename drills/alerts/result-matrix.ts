import * as Plot from '@observablehq/plot'
import { BUDGET_SCENARIOS } from '../../monitoring/incidents/budget-scenarios.ts'
import { unitTests } from '../../monitoring/incidents/unit-tests.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { Machine } from '../overload/overload-result.ts'
import { barMark, type Chart, COLOURS, draw, STATE_KEYS } from '../report/charts.ts'
import { time } from '../report/figures.ts'
import {
  type Column,
  type Report,
  runbookColumn,
  type Section,
  tableOf,
  verdictColumn,
} from '../report/report-model.ts'
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

/** The report of the drill: what failed, the result, the timeline and the cause of each alert. The source of docs/drills.md. */
export function matrixReport(matrix: ResultMatrix): Report {
  const { drill, platform, startedAt, machine, results } = matrix
  const verdict = isComplete(matrix) ? 'passed' : 'failed'
  const date = new Date(startedAt * 1000).toISOString().slice(0, 10)
  return {
    title: `Drill ${drill}: ${verdict}`,
    origin: `drill ${drill} · ${platform}`,
    startedAt,
    verdict,
    line: verdict === 'passed' ? 'Passed' : 'Failed',
    advice: [],
    figures: [
      ...summary(matrix),
      `Platform ${platform}, ${date}: ${machine.cores} cores, ${machine.cpu}, ${machine.system}.`,
    ],
    sections: [
      ...failures(matrix),
      resultTable(matrix),
      { title: 'Timeline of each alert', charts: [timelinesChart(results)] },
      causesTable(matrix),
    ],
    alerts: matrix.alerts,
    data: matrix,
  }
}

/** What failed, the result of each alert and the summary, for a terminal. */
export const matrixText = (matrix: ResultMatrix): string =>
  [...[resultTable(matrix), ...failures(matrix)].map(alignedTable), summary(matrix).join(' ')].join('\n\n')

/** The results in a few sentences. */
function summary({ alerts, results, failure, startedAt, endedAt }: ResultMatrix): string[] {
  const passed = results.filter(isPassed)
  const drilled = passed.filter(({ kind }) => kind === 'drilled').length
  const slowest = Math.max(0, ...passed.flatMap(({ detection }) => detection ?? []))
  return [
    `${passed.length} of ${alerts.length} alerts passed: ${drilled} drilled, ${passed.length - drilled} replayed.`,
    `Slowest delivery: ${time(slowest)}. Duration: ${time(endedAt - startedAt)}.`,
    ...(failure ? [`The drill stopped early: ${failure}`] : []),
  ]
}

/** The result of each alert. */
function resultTable({ alerts: names, results }: ResultMatrix): Section {
  const severities = new Map(alerts(PROFILE).map(({ name, severity }) => [name, severity]))
  const tests = unitTests(PROFILE)
  /** The number of unit tests of an alert, including the budget scenarios in which the alert fires. */
  const testsOf = (alert: string) =>
    (tests.get(alert)?.length ?? 0) +
    BUDGET_SCENARIOS.filter(({ firing }) => firing.some(interval => interval.alert === alert)).length
  const items = names.map(name => ({ name, result: results.find(({ alert }) => alert === name) }))
  type Item = (typeof items)[number]
  const verdictOn = ({ result }: Item) => (result && isPassed(result) ? 'passed' : 'failed')
  const ofResult = (title: string, cell: (result: AlertResult) => string): Column<Item> => ({
    title,
    cell: ({ result }) => (result ? cell(result) : ''),
  })
  const drillOf = ({ kind, platform }: AlertResult) => (kind === 'drilled' ? `drilled, ${platform}` : 'replayed')
  return {
    title: 'Result of each alert',
    note: 'Detection: seconds from the start of the fault to the delivery at the receiver. Resolved: seconds from the end of the fault to the delivery of "resolved".',
    ...tableOf(
      items,
      [
        verdictColumn(verdictOn),
        { title: 'alert', cell: ({ name }) => name },
        { title: 'severity', cell: ({ name }) => severities.get(name) ?? '' },
        { title: 'unit tests', cell: ({ name }) => `${testsOf(name)}` },
        { title: 'drill', cell: ({ result }) => (result ? drillOf(result) : 'not reached') },
        ofResult('detection', ({ detection }) => time(detection)),
        ofResult('bound', ({ bound }) => `${bound} s`),
        ofResult('delivered', ({ detection }) => (detection === undefined ? 'no' : 'yes')),
        ofResult('resolved', ({ recovery }) => time(recovery)),
        runbookColumn(({ name }) => name),
      ],
      verdictOn,
    ),
  }
}

/** The cause of each alert, and other alerts that fired. */
const causesTable = ({ results }: ResultMatrix): Section => ({
  title: 'Cause of each alert',
  note: 'Other alerts fired because of the same cause or because of other work on the machine. Inhibited alerts are not delivered.',
  ...tableOf(results, [
    { title: 'alert', cell: ({ alert }) => alert },
    { title: 'cause', cell: ({ how }) => how },
    { title: 'other alerts that fired', cell: ({ others }) => others.join(', ') },
  ]),
})

/** The failed checks; no section when all passed. */
function failures({ results }: ResultMatrix): Section[] {
  const failed = results.flatMap(({ alert, checks, failure }) => [
    ...(failure ? [{ alert, name: 'drill stopped early', expected: '', seen: failure }] : []),
    ...checks.filter(({ ok }) => !ok).map(check => ({ alert, ...check })),
  ])
  if (failed.length === 0) return []
  const columns: Column<(typeof failed)[number]>[] = [
    verdictColumn(() => 'failed'),
    { title: 'alert', cell: ({ alert }) => alert },
    { title: 'check', cell: ({ name }) => name },
    { title: 'expected', cell: ({ expected }) => expected },
    { title: 'seen', cell: ({ seen }) => seen },
  ]
  return [{ title: 'Failures', ...tableOf(failed, columns, () => 'failed') }]
}

/** The timeline of every alert, in seconds since the cause began. The time of the cause is shaded. */
function timelinesChart(results: readonly AlertResult[]): Chart {
  const cause = { label: 'cause', colour: COLOURS.rule }
  const firing = { ...STATE_KEYS.firing, opacity: 0.75 } // the cause shows through
  const spans = results.flatMap(({ alert, began, timeline }) =>
    (timeline?.spans ?? []).map(({ state, begin, end }) => {
      const key = state === 'firing' ? firing : STATE_KEYS.pending
      return { row: alert, from: begin - began, to: end - began, key }
    }),
  )
  const moments = results.flatMap(({ alert, began, ended, detection, recovery }) => [
    { alert, text: '▼', at: detection },
    { alert, text: '✓', at: recovery && ended - began + recovery },
  ])
  return draw('Seconds since the cause began (▼ delivered, ✓ resolved)', [cause, STATE_KEYS.pending, firing], size => ({
    height: 60 + 30 * results.length,
    marginLeft: size.width < 600 ? 150 : 170,
    marginTop: 10,
    marginBottom: 40,
    x: { label: 'seconds →', zero: true, nice: true, grid: true },
    y: { domain: results.map(({ alert }) => alert), label: null, padding: 0.35 },
    marks: [
      Plot.barX(results, {
        x1: () => 0,
        x2: ({ began, ended }) => ended - began,
        y: 'alert',
        fill: cause.colour,
        insetTop: -4,
        insetBottom: -4,
      }),
      barMark(spans),
      Plot.text(moments, { x: 'at', y: 'alert', text: 'text', fill: 'currentColor', fontWeight: 'bold' }),
    ],
  }))
}

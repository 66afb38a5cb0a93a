import { BUDGET_SCENARIOS } from '../../monitoring/incidents/budget-scenarios.ts'
import { unitTests } from '../../monitoring/incidents/unit-tests.ts'
import { alerts } from '../../monitoring/rules/rules.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import type { Machine } from '../overload/story.ts'
import { type Cell, type Row, type Table, time } from '../report/text.ts'
import { isProven, type Proof } from './proof.ts'

/** Every alert that was to be proven, and how that went, as `report.json` holds it. */
export interface Matrix {
  readonly drill: string
  readonly platform: string
  /** Unix times in seconds. */
  readonly startedAt: number
  readonly endedAt: number
  readonly machine: Machine
  /** The alerts that were to be proven, in this order; one that has no proof was not reached. */
  readonly alerts: readonly string[]
  readonly proofs: readonly Proof[]
  /** Why it broke off, where it did. */
  readonly failure?: string
}

/** Whether each alert was proven. */
export const isComplete = ({ alerts, proofs, failure }: Matrix) =>
  failure === undefined && proofs.length === alerts.length && proofs.every(isProven)

/** The outcome in a sentence. */
export function summary({ alerts, proofs, failure, startedAt, endedAt }: Matrix): string {
  const proven = proofs.filter(isProven)
  const drilled = proven.filter(({ kind }) => kind === 'drilled').length
  const slowest = Math.max(0, ...proven.flatMap(({ detection }) => detection ?? []))
  return (
    `${proven.length} of ${alerts.length} alerts proven: ${drilled} drilled, ${proven.length - drilled} replayed; ` +
    `delivered within ${time(slowest)}, in ${time(endedAt - startedAt)} for all.${failure ? ` It broke off: ${failure}` : ''}`
  )
}

/** The unit tests of an alert, and the replayed days in which it fires. */
function testsOf(alert: string): number {
  const days = BUDGET_SCENARIOS.filter(({ firing }) => firing.some(interval => interval.alert === alert))
  return (unitTests(PROFILE).get(alert)?.length ?? 0) + days.length
}

/** Alert × what proves it; `runbook` makes the cell that leads to one. */
export function matrixTable({ alerts: names, proofs }: Matrix, runbook: (alert: string) => Cell): Table {
  const rules = alerts(PROFILE)
  return {
    title: 'Every alert, and what proves it',
    note: 'Detection is from the begin of the cause to the delivery at the receiver; resolved, from its end to the delivery of that.',
    columns: [
      '',
      'alert',
      'severity',
      'unit tests',
      'proven',
      'detection',
      'bound',
      'delivered',
      'resolved',
      'runbook',
    ],
    rows: names.map((name): Row => {
      const severity = rules.find(rule => rule.name === name)?.severity ?? ''
      const proof = proofs.find(({ alert }) => alert === name)
      const unit = `${testsOf(name)}`
      if (proof === undefined)
        return {
          cells: ['✗ failed', name, severity, unit, 'not reached', '', '', '', '', runbook(name)],
          state: 'failed',
        }
      const { kind, platform, detection, bound, recovery } = proof
      const cells = [
        ...[name, severity, unit, kind === 'drilled' ? `drilled, ${platform}` : 'replayed'],
        ...[time(detection), `${bound} s`, detection === undefined ? 'no' : 'yes', time(recovery), runbook(name)],
      ]
      return isProven(proof) ? { cells: ['✓', ...cells] } : { cells: ['✗ failed', ...cells], state: 'failed' }
    }),
  }
}

/** What was done to each, and what else fired. */
export const causesTable = ({ proofs }: Matrix): Table => ({
  title: 'What was done',
  note: 'What else fired is by the same cause, or by a shared machine; what another alert says already is not delivered.',
  columns: ['alert', 'cause', 'what else fired'],
  rows: proofs.map(({ alert, how, beside }) => ({ cells: [alert, how, beside.join(', ')] })),
})

/** What was demanded and not seen; no row where all was. */
export const failuresTable = ({ proofs }: Matrix): Table => ({
  title: 'What failed',
  columns: ['', 'alert', 'what', 'demanded', 'seen'],
  rows: proofs.flatMap(({ alert, checks, failure }) => {
    const failed = (...cells: string[]): Row => ({ cells: ['✗ failed', alert, ...cells], state: 'failed' })
    return [
      ...(failure ? [failed('it broke off', '', failure)] : []),
      ...checks.filter(({ ok }) => !ok).map(({ name, expected, seen }) => failed(name, expected, seen)),
    ]
  }),
})

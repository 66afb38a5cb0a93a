import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BURN_RATES, OBJECTIVES, PERIOD } from '../../objectives.ts'
import type { Duration } from '../../profiles.ts'
import { select } from '../../rule.ts'
import { budgetOf, burnRate, SLO } from '../../rules/slo-rules.ts'
import { increase, rate } from './functions.ts'

const { requests, requestDuration } = catalogue

/** Objectives are of the service as a whole, so no replica is chosen. */
const CHOSEN = { job: '=~$job' }

const all = select(requests.name, CHOSEN)
const failed = select(requests.name, { ...CHOSEN, [requests.labels.status]: '=~5..' })
const timed = select(`${requestDuration.name}_count`, CHOSEN)
const inTime = select(`${requestDuration.name}_bucket`, { ...CHOSEN, le: `${OBJECTIVES.latency.seconds}` })

type Objective = keyof typeof OBJECTIVES
type Change = (counter: string) => string

/** The share of bad requests, by how the counters are taken. */
const bad: Readonly<Record<Objective, (change: Change) => string>> = {
  availability: change => `sum(${change(failed)}) / sum(${change(all)})`,
  latency: change => `(1 - sum(${change(inTime)}) / sum(${change(timed)}))`,
}

const overPeriod: Change = counter => `increase(${counter}[${PERIOD}])`
const { route, status } = requests.labels

/** PromQL about the objectives. Ratios are from 0 to 1, but for a budget that is overspent. */
export const slo = {
  /** Share of good requests over the range that is shown. */
  good: (objective: Objective) => `1 - ${bad[objective](increase)}`,
  /** Share of the error budget of the period that is left; less than nothing, where it is overspent. */
  left: (objective: Objective) => `1 - ${bad[objective](overPeriod)} / ${budgetOf(objective)}`,
  /** Burn rates by objective, over a window that the rules record. */
  burn: (window: Duration) => `max by (${SLO}) (${select(burnRate(window), CHOSEN)})`,
  /** How near an alert is: what burns over both of its windows, of its factor; it fires above 1. */
  alert: (pace: keyof typeof BURN_RATES) =>
    Object.fromEntries(
      BURN_RATES[pace].map(({ factor, long, short }) => {
        const [a, b] = [long, short].map(window => select(burnRate(window), CHOSEN))
        return [`{{${SLO}}}, ${long} and ${short}`, `((${a} <= ${b}) or ${b}) / ${factor}`]
      }),
    ),
  /** What spends the budgets, a second. */
  bad: {
    failed: `sum(${rate(failed)})`,
    late: `sum(${rate(timed)}) - sum(${rate(inTime)})`,
  },
  /** What has spent them, over the range that is shown. */
  spent: {
    failed: `sum by (${route}, ${status}) (${increase(failed)})`,
    late: `sum by (${route}) (${increase(timed)}) - sum by (${route}) (${increase(inTime)})`,
  },
}

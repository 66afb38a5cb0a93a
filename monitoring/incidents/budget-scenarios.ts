import { failingRequests, lateRequests } from './budget-series.ts'
import type { InputSeries } from './input-series.ts'

const HOUR = 60
const DAY = 24 * HOUR

/** An interval in which an alert fires for an objective, in minutes from the first sample. */
export interface FiringInterval {
  readonly alert: string
  readonly slo: string
  readonly fires: number
  readonly clears: number
  /** The burn rate in the description when the alert begins to fire. */
  readonly burn: string
}

/** Hours or days of requests, and which alerts on error budgets fire. */
export interface BudgetScenario {
  readonly name: string
  readonly input: readonly InputSeries[]
  readonly minutes: number
  /** All intervals in which an alert fires. */
  readonly firing: readonly FiringInterval[]
}

const interval =
  (alert: string) =>
  (slo: string, fires: number, clears: number, burn: string): FiringInterval => ({ alert, slo, fires, clears, burn })
const fast = interval('ErrorBudgetBurnFast')
const slow = interval('ErrorBudgetBurnSlow')

/**
 * The times are calculated by hand. Bad requests of minute M are in the sample of minute M + 1. A window of N minutes
 * has N samples, so N - 1 increases. A window that is longer than the series has all increases of the series.
 */
export const BUDGET_SCENARIOS: readonly BudgetScenario[] = [
  {
    name: 'no bad requests',
    input: [...failingRequests([600, 0, DAY]), ...lateRequests([600, 0, DAY])],
    minutes: 6 * HOUR,
    firing: [],
  },
  {
    name: 'no traffic',
    input: [...failingRequests([0, 0, DAY]), ...lateRequests([0, 0, DAY])],
    minutes: 6 * HOUR,
    firing: [],
  },
  {
    // The probe sends 4 requests a minute. One failure is a burn rate of 50 over 5 minutes and of 4.2 over one hour.
    name: 'low traffic, one failure',
    input: failingRequests([4, 0, 6 * HOUR], [4, 1, 1], [4, 0, 18 * HOUR]),
    minutes: 13 * HOUR,
    firing: [],
  },
  {
    name: 'restarts: counters begin at 0 again',
    input: failingRequests([600, 0, HOUR]).map(each => ({ ...each, values: Array(24).fill(each.values).join(' ') })),
    minutes: 12 * HOUR,
    firing: [],
  },
  {
    name: 'almost as many failures as the objective allows',
    input: failingRequests([10_000, 9, DAY]),
    minutes: 12 * HOUR,
    firing: [],
  },
  {
    // Bad from 11 to 30. All windows begin with the first sample, so the first bad one fires both alerts. The last bad
    // one is in the window of half an hour until 58, and in that of six hours until 388.
    name: 'all requests fail for 20 minutes, soon after Prometheus has started',
    input: failingRequests([600, 0, 10], [600, 600, 20], [600, 0, 12 * HOUR]),
    minutes: 8 * HOUR,
    firing: [fast('availability', 11, 59, '90.91'), slow('availability', 11, 389, '90.91')],
  },
  {
    // A burn rate of 50. It is 14.4 over one hour after 17.3 min, until 4 of the bad increases are left in half an hour
    // (6). It is 1 over the whole series after 29.4 min, until 8 are left in six hours.
    name: 'a fast burn after a day without failures',
    input: failingRequests([600, 0, DAY], [600, 30, HOUR], [600, 0, DAY]),
    minutes: DAY + 8 * HOUR,
    firing: [fast('availability', DAY + 18, DAY + 86, '15'), slow('availability', DAY + 30, DAY + 412, '1.02')],
  },
  {
    // A burn rate of 10: never 14.4. It is 6 over six hours after 215.4 min, until 18 of the bad increases are left in
    // half an hour. It is 1 over the whole series after 160 min, until 36 are left in six hours.
    name: 'a burn that only the window of six hours shows',
    input: lateRequests([600, 0, DAY], [600, 60, 4 * HOUR], [600, 0, DAY]),
    minutes: DAY + 10 * HOUR,
    firing: [fast('latency', DAY + 216, DAY + 252, '6.017'), slow('latency', DAY + 161, DAY + 564, '1.006')],
  },
  {
    // A burn rate of 100: 14.4 over one hour after 8.6 min, until it has left the 5 minutes, where a burn rate of 10
    // goes on.
    name: 'a burst, after which a tenth of it goes on',
    input: failingRequests([600, 0, 2 * DAY], [600, 60, 10], [600, 6, HOUR], [600, 0, DAY]),
    minutes: 2 * DAY + 3 * HOUR,
    firing: [fast('availability', 2 * DAY + 9, 2 * DAY + 14, '15')],
  },
  {
    // A burn rate of 4 with a hundredth of the earlier traffic: 3 over one day when only 4 min of the earlier traffic
    // are left in it, and never 1 over three days; until 79 min of it are left in two hours, where a burn rate of 1
    // goes on.
    name: 'a slow burn of few requests, after days of many',
    input: failingRequests([100_000, 0, 2 * DAY], [1000, 4, 26 * HOUR], [1000, 1, 4 * HOUR]),
    minutes: 2 * DAY + 28 * HOUR,
    firing: [slow('availability', 2 * DAY + 1435, 2 * DAY + 1600, '3.126')],
  },
  {
    // A burn rate of 4: 1 over the whole series after 8 h, until 90 of the bad increases are left in six hours.
    name: 'a slow burn',
    input: failingRequests([1000, 0, DAY], [1000, 4, 10 * HOUR], [1000, 0, DAY]),
    minutes: DAY + 15 * HOUR,
    firing: [slow('availability', DAY + 481, DAY + 870, '1.002')],
  },
]

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

/** So many minutes with requests, of which the first in each period has one bad request. */
const oneBadEach = (period: number, requests: number, count: number) =>
  Array.from({ length: count }, () => [[requests, 1, 1] as const, [requests, 0, period - 1] as const]).flat()

/**
 * The times are calculated by hand. Bad requests of minute M are in the sample of minute M + 1. A window of N minutes
 * has N samples, so N - 1 increases. A window that is longer than the series has all increases of the series. An alert
 * reads a long window once half of it has data: after 30 minutes, 3 hours (180), 12 hours (720), 36 hours (2160).
 */
const SCENARIOS: Readonly<Record<string, Partial<BudgetScenario> & Pick<BudgetScenario, 'input' | 'minutes'>>> = {
  'no bad requests': { input: [...failingRequests([600, 0, DAY]), ...lateRequests([600, 0, DAY])], minutes: 6 * HOUR },
  'no traffic': { input: [...failingRequests([0, 0, DAY]), ...lateRequests([0, 0, DAY])], minutes: 6 * HOUR },
  // The probe sends 4 requests a minute. One failure is a burn rate of 50 over 5 minutes and of 4.2 over one hour.
  'low traffic, one failure': {
    input: failingRequests([4, 0, 6 * HOUR], [4, 1, 1], [4, 0, 18 * HOUR]),
    minutes: 13 * HOUR,
  },
  // The probe sends 4 requests a minute. Burn rates: 16.7 over one hour, and 50 over 5 minutes.
  'low traffic, four failures in an hour': {
    input: failingRequests([4, 0, 8 * HOUR], ...oneBadEach(15, 4, 4), [4, 0, HOUR]),
    minutes: 10 * HOUR,
  },
  // One request a minute. Nine failures of 60 in an hour are a burn rate of 150, of 780 in 13 hours one of 11.5.
  'nine failures in a row': {
    input: failingRequests([1, 0, 13 * HOUR], [1, 1, 9], [1, 0, 3 * HOUR]),
    minutes: 15 * HOUR,
  },
  // The last failure is in the window of half an hour (6) until 13 h 39 min, in that of two hours (3) until 15 h 9
  // min. In that of one hour nine failures are a burn rate of 150.
  'ten failures in a row': {
    input: failingRequests([1, 0, 13 * HOUR], [1, 1, 10], [1, 0, 8 * HOUR]),
    minutes: 20 * HOUR,
    firing: [fast('availability', 790, 819, '167.1'), slow('availability', 790, 909, '12.66')],
  },
  // As above, for the other objective: a burn rate of 17 over one hour, of 7.7 over the whole series. Six hours are
  // not read before 180. The early slow request has left the window of an hour.
  'ten slow requests in a row': {
    input: lateRequests([1, 0, 20], [1, 1, 1], [1, 0, 99], [1, 1, 10], [1, 0, 3 * HOUR]),
    minutes: 5 * HOUR,
    firing: [fast('latency', 130, 134, '16.95')],
  },
  // Three failures of 240 in each hour: a burn rate of 12.5 over one hour, of 6.3 over six hours at the ninth
  // failure.
  'ten failures in six hours': {
    input: failingRequests([4, 0, HOUR], [4, 1, 1], [4, 0, 7 * HOUR - 1], ...oneBadEach(20, 4, 10), [4, 0, 2 * HOUR]),
    minutes: 12 * HOUR - 1,
    firing: [fast('availability', 661, 690, '6.964')],
  },
  // At 2160, nine failures of 4 requests a minute are a burn rate of 1.04 over the whole series; at 2191, ten are one
  // of 1.14. Over six hours the burn rate is 5.6, over one day less than 3.
  'ten failures in 36 hours': {
    input: failingRequests([4, 0, 29 * HOUR], ...oneBadEach(50, 4, 10), [4, 0, 8 * HOUR]),
    minutes: 45 * HOUR,
    firing: [slow('availability', 2191, 2500, '1.141')],
  },
  // A burn rate of 10 in all windows: 6 over six hours from 180 on, 3 over one day from 720 on; 1 over three days
  // would be read from 2160 on.
  'a burn that began before Prometheus': {
    input: lateRequests([600, 60, 13 * HOUR], [600, 0, 10 * HOUR]),
    minutes: 22 * HOUR,
    firing: [fast('latency', 180, 792, '10'), slow('latency', 720, 864, '10')],
  },
  'restarts: counters begin at 0 again': {
    input: failingRequests([600, 0, HOUR]).map(each => ({ ...each, values: Array(24).fill(each.values).join(' ') })),
    minutes: 12 * HOUR,
  },
  'almost as many failures as the objective allows': { input: failingRequests([10_000, 9, DAY]), minutes: 12 * HOUR },
  // Bad from 11 to 30. All windows begin with the first sample; the one of one hour is read from 30 on, and the last
  // bad one is in the window of 5 minutes until 33. When longer windows are read, their short windows have no bad
  // ones.
  'all requests fail for 20 minutes, soon after Prometheus has started': {
    input: failingRequests([600, 0, 10], [600, 600, 20], [600, 0, 14 * HOUR]),
    minutes: 14 * HOUR,
    firing: [fast('availability', 30, 34, '666.7')],
  },
  // A burn rate of 50. It is 14.4 over one hour after 17.3 min, until 4 of the bad increases are left in half an hour
  // (6). It is 1 over the whole series after 58.8 min, until good requests make it less after 120 min.
  'a fast burn after two days without failures': {
    input: failingRequests([600, 0, 2 * DAY], [600, 30, HOUR], [600, 0, DAY]),
    minutes: 2 * DAY + 8 * HOUR,
    firing: [
      fast('availability', 2 * DAY + 18, 2 * DAY + 86, '15'),
      slow('availability', 2 * DAY + 59, 2 * DAY + 120, '1.004'),
    ],
  },
  // A burn rate of 10: never 14.4. It is 6 over six hours after 215.4 min, until 18 of the bad increases are left in
  // half an hour. Over one day it is at most 1.7, and three days are not read yet.
  'a burn that only the window of six hours shows': {
    input: lateRequests([600, 0, DAY], [600, 60, 4 * HOUR], [600, 0, DAY]),
    minutes: DAY + 10 * HOUR,
    firing: [fast('latency', DAY + 216, DAY + 252, '6.017')],
  },
  // A burn rate of 100: 14.4 over one hour after 8.6 min, until it has left the 5 minutes, where a burn rate of 10
  // goes on.
  'a burst, after which a tenth of it goes on': {
    input: failingRequests([600, 0, 2 * DAY], [600, 60, 10], [600, 6, HOUR], [600, 0, DAY]),
    minutes: 2 * DAY + 3 * HOUR,
    firing: [fast('availability', 2 * DAY + 9, 2 * DAY + 14, '15')],
  },
  // A burn rate of 4 with a hundredth of the earlier traffic: 3 over one day when only 4 min of the earlier traffic
  // are left in it, and never 1 over three days; until 79 min of it are left in two hours, where a burn rate of 1
  // goes on.
  'a slow burn of few requests, after days of many': {
    input: failingRequests([100_000, 0, 2 * DAY], [1000, 4, 26 * HOUR], [1000, 1, 4 * HOUR]),
    minutes: 2 * DAY + 28 * HOUR,
    firing: [slow('availability', 2 * DAY + 1435, 2 * DAY + 1600, '3.126')],
  },
  // A burn rate of 4: 1 over the whole series after 8 h, which is read after 12 h, until 90 of the bad increases are
  // left in six hours.
  'a slow burn after a day': {
    input: failingRequests([1000, 0, DAY], [1000, 4, 14 * HOUR], [1000, 0, DAY]),
    minutes: DAY + 20 * HOUR,
    firing: [slow('availability', DAY + 720, DAY + 1110, '1.333')],
  },
}

/** The scenarios with which the alerts on error budgets are tested. */
export const BUDGET_SCENARIOS = Object.entries(SCENARIOS).map(
  ([name, scenario]): BudgetScenario => ({ firing: [], ...scenario, name }),
)

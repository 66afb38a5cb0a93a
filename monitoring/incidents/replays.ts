// Days of requests, and when they burn an error budget too fast.
import { failing, late } from './budgets.ts'
import type { InputSeries } from './promtool.ts'

const HOUR = 60
const DAY = 24 * HOUR

/** From when an alert of an objective fires, and when it does no more, in minutes since the beginning. */
export interface Life {
  readonly alert: string
  readonly slo: string
  readonly fires: number
  readonly ends: number
  /** How many times as fast as it lasts the budget is spent, as the text says when it begins to fire. */
  readonly burn: string
}

export interface Replay {
  readonly name: string
  readonly input: readonly InputSeries[]
  /** In minutes. */
  readonly length: number
  /** What fires, and when; nothing else ever does. */
  readonly lives: readonly Life[]
}

/**
 * The times are worked out by hand. What is bad from minute M on shows in the sample of M + 1. A window of N minutes has N
 * samples, so N - 1 rises; one that is longer than all there is, those that there are.
 */
export const REPLAYS: readonly Replay[] = [
  { name: 'all is well', input: [...failing([[600, 0, DAY]]), ...late([[600, 0, DAY]])], length: 6 * HOUR, lives: [] },
  { name: 'no traffic', input: [...failing([[0, 0, DAY]]), ...late([[0, 0, DAY]])], length: 6 * HOUR, lives: [] },
  {
    // 4 a minute are the probe's own. One failure in the 5 minutes is a burn of 50, in the hour one of 4.2
    name: 'low traffic, one failure',
    input: failing([
      [4, 0, 6 * HOUR],
      [4, 1, 1],
      [4, 0, 18 * HOUR],
    ]),
    length: 13 * HOUR,
    lives: [],
  },
  {
    name: 'restarts: counters that begin again are no failures',
    input: failing(
      Array.from({ length: 24 }, () => [600, 0, HOUR] as const),
      true,
    ),
    length: 12 * HOUR,
    lives: [],
  },
  {
    name: 'almost as many failures as are allowed',
    input: failing([[10_000, 9, DAY]]),
    length: 12 * HOUR,
    lives: [],
  },
  {
    // bad from 11 to 30. The first is enough for every window, as all of them begin when Prometheus did; the last is in the
    // half hour until 58, and in the six hours until 388
    name: 'a fresh Prometheus, everything fails for 20 minutes',
    input: failing([
      [600, 0, 10],
      [600, 600, 20],
      [600, 0, 12 * HOUR],
    ]),
    length: 8 * HOUR,
    lives: [
      { alert: 'ErrorBudgetBurnFast', slo: 'availability', fires: 11, ends: 59, burn: '90.91' },
      { alert: 'ErrorBudgetBurnSlow', slo: 'availability', fires: 11, ends: 389, burn: '90.91' },
    ],
  },
  {
    // a burn of 50. 14.4 in the hour after 17.3 min, until 4 of the bad are left in the half hour (6); 1 in all that there
    // is after 29.4 min, until 8 are left in the six hours
    name: 'a fast burn after a quiet day',
    input: failing([
      [600, 0, DAY],
      [600, 30, HOUR],
      [600, 0, DAY],
    ]),
    length: DAY + 8 * HOUR,
    lives: [
      { alert: 'ErrorBudgetBurnFast', slo: 'availability', fires: DAY + 18, ends: DAY + 86, burn: '15' },
      { alert: 'ErrorBudgetBurnSlow', slo: 'availability', fires: DAY + 30, ends: DAY + 412, burn: '1.02' },
    ],
  },
  {
    // a burn of 10: never 14.4. 6 in the six hours after 215.4 min, until 18 of the bad are left in the half hour; 1 in all
    // that there is after 160 min, until 36 are left in the six hours
    name: 'a burn that only the six hours see',
    input: late([
      [600, 0, DAY],
      [600, 60, 4 * HOUR],
      [600, 0, DAY],
    ]),
    length: DAY + 10 * HOUR,
    lives: [
      { alert: 'ErrorBudgetBurnFast', slo: 'latency', fires: DAY + 216, ends: DAY + 252, burn: '6.017' },
      { alert: 'ErrorBudgetBurnSlow', slo: 'latency', fires: DAY + 161, ends: DAY + 564, burn: '1.006' },
    ],
  },
  {
    // a burn of 100: 14.4 in the hour after 8.6 min, until none of it is left in the 5 minutes, where a burn of 10 goes on
    name: 'a burst, after which a tenth of it goes on',
    input: failing([
      [600, 0, 2 * DAY],
      [600, 60, 10],
      [600, 6, HOUR],
      [600, 0, DAY],
    ]),
    length: 2 * DAY + 3 * HOUR,
    lives: [{ alert: 'ErrorBudgetBurnFast', slo: 'availability', fires: 2 * DAY + 9, ends: 2 * DAY + 14, burn: '15' }],
  },
  {
    // a burn of 4 of a hundredth of the requests: 3 in the day when but 4 min of the others are left in it, and never 1 in the
    // three days; until 79 min of it are left in the two hours, where a burn of 1 goes on
    name: 'a slow burn of few requests, after days of many',
    input: failing([
      [100_000, 0, 2 * DAY],
      [1000, 4, 26 * HOUR],
      [1000, 1, 4 * HOUR],
    ]),
    length: 2 * DAY + 28 * HOUR,
    lives: [
      {
        ...{ alert: 'ErrorBudgetBurnSlow', slo: 'availability', burn: '3.126' },
        ...{ fires: 2 * DAY + 1435, ends: 2 * DAY + 1600 },
      },
    ],
  },
  {
    // a burn of 4: 1 in all that there is after 8 h, until 90 of the bad are left in the six hours
    name: 'a slow burn',
    input: failing([
      [1000, 0, DAY],
      [1000, 4, 10 * HOUR],
      [1000, 0, DAY],
    ]),
    length: DAY + 15 * HOUR,
    lives: [{ alert: 'ErrorBudgetBurnSlow', slo: 'availability', fires: DAY + 481, ends: DAY + 870, burn: '1.002' }],
  },
]

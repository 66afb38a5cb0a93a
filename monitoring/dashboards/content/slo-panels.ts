import { NoUnit, PercentUnit, RequestsPerSecond } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BURN_RATES, OBJECTIVES, PERIOD } from '../../objectives.ts'
import type { Duration } from '../../profiles.ts'
import { select } from '../../rule.ts'
import { budgetOf, burnRate, SLO } from '../../rules/slo-rules.ts'
import { chosen } from '../dashboard-variables.ts'
import { COUNT, figure, graph, increase, percent, rate, table } from '../panels.ts'

const { availability, latency } = OBJECTIVES
const { route, status } = catalogue.requests.labels

/** Objectives are about the service as a whole, so no replica is selected. */
const SERVICE = chosen('job')

const all = select(catalogue.requests.name, SERVICE)
const failed = select(catalogue.requests.name, { ...SERVICE, [status]: '=~5..' })
const timed = select(`${catalogue.requestDuration.name}_count`, SERVICE)
const inTime = select(`${catalogue.requestDuration.name}_bucket`, { ...SERVICE, le: `${latency.seconds}` })

type OverRange = (counter: string) => string

/** The share of bad requests, from 0 to 1, over the range that a function takes the counters' increase of. */
const failedShare = (over: OverRange) => `sum(${over(failed)}) / sum(${over(all)})`
const lateShare = (over: OverRange) => `(1 - sum(${over(inTime)}) / sum(${over(timed)}))`
const overPeriod: OverRange = counter => `increase(${counter}[${PERIOD}])`

export const availabilityFigure = figure({
  title: 'Availability',
  shows: 'Share of the requests of the time range that were answered without a 5xx.',
  worry: `The objective is ${percent(availability.ratio)} over ${PERIOD}; a short time range may be below it.`,
  unit: PercentUnit,
  decimals: 2, // 0.01 % is a tenth of the error budget
  queries: { availability: `1 - ${failedShare(increase)}` },
  bound: { below: availability.ratio },
})

export const inTimeFigure = figure({
  title: 'Answered in time',
  shows: `Share of the requests of the time range that took at most ${latency.seconds} s.`,
  worry: `The objective is ${percent(latency.ratio)} over ${PERIOD}; a short time range may be below it.`,
  unit: PercentUnit,
  decimals: 2,
  queries: { latency: `1 - ${lateShare(increase)}` },
  bound: { below: latency.ratio },
})

const budget = (title: string, share: string, left: string) =>
  figure({
    title,
    shows: `Share that is left of the error budget of ${PERIOD}, or of the time that Prometheus stores: ${share}.`,
    worry: `Below 0% the objective is missed: put reliability before new features.`,
    unit: PercentUnit,
    decimals: 0,
    queries: { left },
    mayBeNegative: true,
    bound: { below: 0 },
  })

export const availabilityBudget = budget(
  'Budget left, availability',
  `${percent(1 - availability.ratio)} of the requests may fail`,
  `1 - ${failedShare(overPeriod)} / ${budgetOf('availability')}`,
)

export const latencyBudget = budget(
  'Budget left, latency',
  `${percent(1 - latency.ratio)} of the requests may be late`,
  `1 - ${lateShare(overPeriod)} / ${budgetOf('latency')}`,
)

/** The smaller burn rate of each pair of windows, divided by the pair's factor: above 1 the alert fires. */
const nearness = (pace: keyof typeof BURN_RATES, alert: string, urgency: string) => {
  const allowed = BURN_RATES[pace].map(({ factor, long }) => `${factor} over ${long}`).join(', ')
  return graph({
    title: `Burn rate for ${alert}`,
    shows: `Burn rate of each error budget, divided by the burn rate that the alert allows: ${allowed}.`,
    worry: `Normal is below 1. ${urgency}.`,
    unit: NoUnit,
    queries: Object.fromEntries(
      BURN_RATES[pace].map(({ factor, long, short }) => {
        const overLong = select(burnRate(long), SERVICE)
        const overShort = select(burnRate(short), SERVICE)
        const smaller = `(${overLong} <= ${overShort}) or ${overShort}`
        return [`{{${SLO}}}, ${long} and ${short}`, `(${smaller}) / ${factor}`]
      }),
    ),
    bound: { above: 1, alert },
  })
}

export const fastBurn = nearness('fast', 'ErrorBudgetBurnFast', 'Above 1 somebody must act at once')
export const slowBurn = nearness('slow', 'ErrorBudgetBurnSlow', 'Above 1 somebody must act in working hours')

const WINDOWS: readonly Duration[] = ['5m', '1h', '6h', '3d']

export const burn = graph({
  title: 'Burn rates',
  shows: `Speed at which each error budget is spent, by window: at 1 the budget lasts exactly ${PERIOD}.`,
  worry: 'Worry when the line of a short window is above that of a long one: the burn gets faster.',
  unit: NoUnit,
  queries: Object.fromEntries(
    WINDOWS.map(window => [`{{${SLO}}} ${window}`, `max by (${SLO}) (${select(burnRate(window), SERVICE)})`]),
  ),
  bound: { above: 1 },
})

export const bad = graph({
  title: 'Failed and late requests',
  shows: 'Requests per second that spend an error budget: those that failed with a 5xx, and those that were late.',
  worry: 'Normal is near 0; if both rise, look at the failures first.',
  unit: RequestsPerSecond,
  queries: { failed: `sum(${rate(failed)})`, late: `sum(${rate(timed)}) - sum(${rate(inTime)})` },
  colors: { failed: 'red', late: 'orange' },
})

/** Counts above zero, in whole numbers: increase() extrapolates. */
const counted = (count: string) => `round(${count}) > 0`

export const failedByRoute = table({
  title: 'Failed requests by route',
  shows: 'Number of requests that were answered with a 5xx within the time range, by route and status.',
  worry: 'The first row spent most of the availability budget: start there.',
  unit: COUNT,
  columns: { [route]: 'Route', [status]: 'Status' },
  queries: { Failed: counted(`sum by (${route}, ${status}) (${increase(failed)})`) },
  bound: { above: 1 },
  empty: 'No request failed in this time range',
})

export const lateByRoute = table({
  title: 'Late requests by route',
  shows: `Number of requests that took more than ${latency.seconds} s within the time range, by route.`,
  worry: 'The first row spent most of the latency budget: start there.',
  unit: COUNT,
  columns: { [route]: 'Route' },
  queries: { Late: counted(`sum by (${route}) (${increase(timed)}) - sum by (${route}) (${increase(inTime)})`) },
  bound: { above: 1 },
  empty: 'No request was late in this time range',
})

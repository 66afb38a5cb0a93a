import { PercentUnit, RequestsPerSecond, Short } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../../src/telemetry/catalogue.ts'
import { BURN_RATES, OBJECTIVES, PERIOD } from '../../objectives.ts'
import type { Duration } from '../../profiles.ts'
import { SLO } from '../../rules/slo-rules.ts'
import { slo } from '../expressions/slo.ts'
import { bars, figure, graph, percent } from '../panels.ts'

const { availability, latency } = OBJECTIVES
const { route, status } = catalogue.requests.labels
/** Ratios near 1: a hundredth of a percent is a tenth of the budget. */
const DECIMALS = 2

export const good = () => [
  figure({
    title: 'Availability',
    description: `Share of the requests of the range that were answered without a 5xx. The objective is ${percent(availability.ratio)} over ${PERIOD}; a short range may be below it for good reason.`,
    unit: PercentUnit,
    decimals: DECIMALS,
    queries: { availability: slo.good('availability') },
    bound: { below: availability.ratio },
    width: 6,
  }),
  figure({
    title: 'Answered in time',
    description: `Share of the requests of the range that took at most ${latency.seconds} s. The objective is ${percent(latency.ratio)} over ${PERIOD}.`,
    unit: PercentUnit,
    decimals: DECIMALS,
    queries: { latency: slo.good('latency') },
    bound: { below: latency.ratio },
    width: 6,
  }),
]

export const left = () => [
  budget(
    'Budget left, availability',
    slo.left('availability'),
    `What is left of the ${percent(1 - availability.ratio)} of the requests that may fail`,
  ),
  budget(
    'Budget left, latency',
    slo.left('latency'),
    `What is left of the ${percent(1 - latency.ratio)} of the requests that may be late`,
  ),
]

const budget = (title: string, left: string, what: string) =>
  figure({
    title,
    description: `${what}, over ${PERIOD} or as long as Prometheus remembers. Below 0% the promise is broken; then what is planned waits, and what makes it reliable comes first.`,
    unit: PercentUnit,
    decimals: 1,
    queries: { left },
    negative: true,
    bound: { below: 0 },
    width: 6,
  })

export const alertsNear = () => [
  near('fast', 'ErrorBudgetBurnFast', 'Somebody must look at once'),
  near('slow', 'ErrorBudgetBurnSlow', 'It can wait for working hours'),
]

const near = (pace: keyof typeof BURN_RATES, alert: string, urgency: string) =>
  graph({
    title: `How near ${alert} is`,
    description: `What burns over both windows of a pair, of the factor that the pair allows (${BURN_RATES[pace].map(({ factor, long }) => `${factor} over ${long}`).join(', ')}). ${alert} fires above 1. ${urgency}.`,
    unit: Short,
    queries: slo.alert(pace),
    bound: { above: 1 },
    width: 12,
  })

const WINDOWS: readonly Duration[] = ['5m', '1h', '6h', '1d', '3d']

export const burn = () =>
  graph({
    title: 'Burn rates',
    description:
      'How many times as fast as it lasts each error budget is spent, by window: 1 is just what the objective allows. A short window above a long one is news; below it, it is getting better.',
    unit: Short,
    queries: Object.fromEntries(WINDOWS.map(window => [`{{${SLO}}} ${window}`, slo.burn(window)])),
    bound: { above: 1 },
    width: 12,
  })

export const bad = () =>
  graph({
    title: 'Bad requests',
    description:
      'Requests a second that spend a budget: those that failed, and those that were late. Where both rise, look at the failures first.',
    unit: RequestsPerSecond,
    queries: { failed: slo.bad.failed, late: slo.bad.late },
    colors: { failed: 'red', late: 'orange' },
    width: 12,
  })

export const spent = () => [
  bars({
    title: 'What failed',
    description:
      'Requests of the range that were answered with a 5xx, by route and status: what has spent the budget of availability.',
    unit: Short,
    queries: { [`{{${route}}} {{${status}}}`]: slo.spent.failed },
    bound: { above: 1 },
    width: 12,
  }),
  bars({
    title: 'What was late',
    description: `Requests of the range that took more than ${latency.seconds} s, by route: what has spent the budget of latency.`,
    unit: Short,
    queries: { [`{{${route}}}`]: slo.spent.late },
    bound: { above: 1 },
    width: 12,
  }),
]

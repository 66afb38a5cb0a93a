import { catalogue } from '../../src/telemetry/catalogue.ts'
import { BURN_RATES, OBJECTIVES, PERIOD } from '../objectives.ts'
import type { Duration } from '../profiles.ts'
import type { GroupAlert, RecordingRule } from '../rule.ts'
import { serviceRate } from './service-rules.ts'

const { requests, requestDuration } = catalogue

/** The label that names the objective of a burn rate. */
export const SLO = 'slo'

/**
 * Name of the recording rule of the burn rate over a window: how many times as fast as the objective allows the error
 * budget is spent.
 */
export const burnRate = (window: Duration) => `job_${SLO}:error_budget_burn:ratio_rate${window}`

const WINDOWS = new Set(
  Object.values(BURN_RATES)
    .flat()
    .flatMap(({ short, long }) => [short, long]),
)

/** Ratio of bad requests by objective over a window. Without requests there is no series. */
const badRatio = (window: Duration): Readonly<Record<keyof typeof OBJECTIVES, string>> => {
  const failed = serviceRate(requests.name, window, { [requests.labels.status]: '=~5..' })
  const inTime = serviceRate(`${requestDuration.name}_bucket`, window, { le: `${OBJECTIVES.latency.seconds}` })
  return {
    availability: `${failed} / (${serviceRate(requests.name, window)} > 0)`,
    latency: `1 - ${inTime} / (${serviceRate(`${requestDuration.name}_count`, window)} > 0)`,
  }
}

/** The error budget: ratio of requests that may be bad. Rounded, because 1 - 0.999 is not 0.001 in binary. */
export const budgetOf = (slo: keyof typeof OBJECTIVES) => Number((1 - OBJECTIVES[slo].ratio).toPrecision(6))

/** Burn rates of the error budgets. The windows are the same in every profile, as the period of the objectives is. */
export const sloRecordingRules = (): RecordingRule[] =>
  [...WINDOWS].flatMap(window =>
    Object.entries(badRatio(window)).map(([slo, ratio]) => ({
      record: burnRate(window),
      expr: `(${ratio}) / ${budgetOf(slo as keyof typeof OBJECTIVES)}`,
      labels: { [SLO]: slo },
    })),
  )

/** Expression and description of an alert: both windows of a pair are above its factor. */
const burning = (pace: keyof typeof BURN_RATES) => ({
  expr: BURN_RATES[pace]
    .map(({ factor, long, short }) => `(${burnRate(long)} > ${factor} and ${burnRate(short)} > ${factor})`)
    .join(' or '),
  description:
    `{{ $labels.job }}: the error budget of ${PERIOD} for the objective ${SLO}="{{ $labels.${SLO} }}" is spent {{ $value | humanize }} times as fast as the objective allows. The bound is ` +
    BURN_RATES[pace].map(({ factor, long, short }) => `${factor} over both ${long} and ${short}`).join(', or ') +
    '. Too many users get errors or slow answers. First step: find the routes with bad requests.',
})

/** Alerts on the objectives. They have no `for`: the short window shows that the cause goes on. */
export const sloAlerts = (): GroupAlert[] => [
  {
    name: 'ErrorBudgetBurnFast',
    severity: 'critical',
    ...burning('fast'),
    summary: 'The error budget will be used up within days.',
    inhibits: { alerts: ['ErrorBudgetBurnSlow'], equal: [SLO] },
  },
  {
    name: 'ErrorBudgetBurnSlow',
    severity: 'warning',
    ...burning('slow'),
    summary: 'The error budget will be used up before its period ends.',
  },
]

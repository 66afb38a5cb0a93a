import { catalogue } from '../../src/telemetry/catalogue.ts'
import { BURN_RATES, OBJECTIVES } from '../objectives.ts'
import type { Duration } from '../profiles.ts'
import { type Alert, type RecordingRule, select } from '../rule.ts'
import { JOBS } from '../targets.ts'

const job = JOBS.service
const { requests, requestDuration } = catalogue

/** The label that says of which objective a burn rate is. */
export const SLO = 'slo'

/** How many times as fast as it lasts an error budget is spent, over a window: 1 is just what the objective allows. */
export const burnRate = (window: Duration) => `job_${SLO}:error_budget_burn:ratio_rate${window}`

const WINDOWS = new Set(
  Object.values(BURN_RATES)
    .flat()
    .flatMap(({ short, long }) => [short, long]),
)

/** The share of bad requests by objective, over a window; nothing where there were no requests. */
const badShare = (window: Duration): Readonly<Record<keyof typeof OBJECTIVES, string>> => {
  const sum = (metric: string, labels = {}) => `sum by (job) (rate(${select(metric, { job, ...labels })}[${window}]))`
  const { seconds } = OBJECTIVES.latency
  return {
    availability: `${sum(requests.name, { [requests.labels.status]: '=~5..' })} / (${sum(requests.name)} > 0)`,
    latency:
      `1 - ${sum(`${requestDuration.name}_bucket`, { le: `${seconds}` })}` +
      ` / (${sum(`${requestDuration.name}_count`)} > 0)`,
  }
}

/** What may be bad of all requests. Rounded, because 1 - 0.999 is not 0.001 in binary. */
export const budgetOf = (slo: keyof typeof OBJECTIVES) => Number((1 - OBJECTIVES[slo].ratio).toPrecision(6))

/**
 * The burn rates of the error budgets. The same in every profile: a budget of 30 days that is watched for seconds would be
 * no such thing.
 */
export const sloRecordingRules = (): RecordingRule[] =>
  [...WINDOWS].flatMap(window =>
    Object.entries(badShare(window)).map(([slo, share]) => ({
      record: burnRate(window),
      expr: `(${share}) / ${budgetOf(slo as keyof typeof OBJECTIVES)}`,
      labels: { [SLO]: slo },
    })),
  )

const burns = (pace: keyof typeof BURN_RATES) =>
  BURN_RATES[pace]
    .map(({ factor, long, short }) => `(${burnRate(long)} > ${factor} and ${burnRate(short)} > ${factor})`)
    .join(' or ')

const described = (pace: keyof typeof BURN_RATES) =>
  `{{ $labels.job }}: too many requests are bad for the objective of ${SLO}="{{ $labels.${SLO} }}". Its error budget of 30 days is spent {{ $value | humanize }} times as fast as it lasts; the bound is ` +
  `${BURN_RATES[pace].map(({ factor, long, short }) => `${factor} over ${long} and still over ${short}`).join(', or ')}.`

/** When the objectives are in danger. No `for`: the short window already says that it goes on. */
export const sloAlerts = (): Alert[] => [
  {
    name: 'ErrorBudgetBurnFast',
    severity: 'critical',
    area: 'service',
    dashboard: 'slo',
    expr: burns('fast'),
    summary: 'The error budget of a month will be gone within days.',
    description: described('fast'),
    inhibits: { alerts: ['ErrorBudgetBurnSlow'], equal: [SLO] },
  },
  {
    name: 'ErrorBudgetBurnSlow',
    severity: 'warning',
    area: 'service',
    dashboard: 'slo',
    expr: burns('slow'),
    summary: 'The error budget of a month will not last for it.',
    description: described('slow'),
  },
]

import { catalogue } from '../../src/telemetry/catalogue.ts'
import { BURN_RATES, MIN_BAD_REQUESTS, MIN_HISTORY, OBJECTIVES, PERIOD } from '../objectives.ts'
import { type Duration, secondsOf } from '../profiles.ts'
import { type GroupAlert, type RecordingRule, select } from '../rule.ts'
import { JOBS } from '../targets.ts'
import { serviceIncrease, serviceRate } from './service-rules.ts'

const { requests, requestDuration } = catalogue

/** The label that names the objective of a burn rate. */
export const SLO = 'slo'

/**
 * Name of the recording rule of the burn rate over a window: how many times as fast as the objective allows the error
 * budget is spent.
 */
export const burnRate = (window: Duration) => `job_${SLO}:error_budget_burn:ratio_rate${window}`

/**
 * Name of the recording rule of the number of bad requests in a window. The series exists once the window has
 * {@link MIN_HISTORY} of its data.
 */
const badRequests = (window: Duration) => `job_${SLO}:bad_requests:increase${window}`

const PAIRS = Object.values(BURN_RATES).flat()
const LONG_WINDOWS = PAIRS.map(({ long }) => long)
const WINDOWS = new Set(PAIRS.flatMap(({ short, long }) => [short, long]))

/** Ratio of bad requests by objective over a window. Without requests there is no series. */
const badRatio = (window: Duration): Readonly<Record<keyof typeof OBJECTIVES, string>> => {
  const failed = serviceRate(requests.name, window, { [requests.labels.status]: '=~5..' })
  const inTime = serviceRate(`${requestDuration.name}_bucket`, window, { le: `${OBJECTIVES.latency.seconds}` })
  return {
    availability: `${failed} / (${serviceRate(requests.name, window)} > 0)`,
    latency: `1 - ${inTime} / (${serviceRate(`${requestDuration.name}_count`, window)} > 0)`,
  }
}

/** Number of bad requests by objective in a window. Without a sample that is old enough there is no series. */
const badCount = (window: Duration): Readonly<Record<keyof typeof OBJECTIVES, string>> => {
  const age = `${(secondsOf(window) * MIN_HISTORY) / 60}m`
  // The samples of the service and not recorded series, because these begin when the rules are loaded.
  const history = (metric: string) =>
    `sum by (job) (count_over_time(${select(metric, { job: JOBS.service })}[${age}] offset ${age}))`
  const [all, bucket] = [`${requestDuration.name}_count`, `${requestDuration.name}_bucket`]
  const failed = serviceIncrease(requests.name, window, { [requests.labels.status]: '=~5..' })
  const late = `${serviceIncrease(all, window)} - ${serviceIncrease(bucket, window, { le: `${OBJECTIVES.latency.seconds}` })}`
  return { availability: `${failed} and ${history(requests.name)}`, latency: `${late} and ${history(all)}` }
}

/** The error budget: ratio of requests that may be bad. Rounded, because 1 - 0.999 is not 0.001 in binary. */
export const budgetOf = (slo: keyof typeof OBJECTIVES) => Number((1 - OBJECTIVES[slo].ratio).toPrecision(6))

/** Burn rates of the error budgets, and the number of bad requests in the long windows; the same in every profile. */
export function sloRecordingRules(): RecordingRule[] {
  const slos = Object.keys(OBJECTIVES) as (keyof typeof OBJECTIVES)[]
  const rules = (record: string, expr: (slo: keyof typeof OBJECTIVES) => string) =>
    slos.map(slo => ({ record, expr: expr(slo), labels: { [SLO]: slo } }))
  return [
    ...[...WINDOWS].flatMap(window => rules(burnRate(window), slo => `(${badRatio(window)[slo]}) / ${budgetOf(slo)}`)),
    ...LONG_WINDOWS.flatMap(window => rules(badRequests(window), slo => badCount(window)[slo])),
  ]
}

/** Expression of a pair of windows: both are above the factor, and the long one has enough data and bad requests. */
const pair = ({ factor, long, short }: (typeof BURN_RATES)[keyof typeof BURN_RATES][number]) =>
  `${burnRate(long)} > ${factor} and ${burnRate(short)} > ${factor} and ${badRequests(long)} >= ${MIN_BAD_REQUESTS}`

/** Expression and description of an alert: both windows of a pair are above its factor. */
const burning = (pace: keyof typeof BURN_RATES) => ({
  expr: BURN_RATES[pace].map(rates => `(${pair(rates)})`).join(' or '),
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
    inhibits: [{ alerts: ['ErrorBudgetBurnSlow'], equal: ['job', SLO] }],
  },
  {
    name: 'ErrorBudgetBurnSlow',
    severity: 'warning',
    ...burning('slow'),
    summary: 'The error budget will be used up before its period ends.',
  },
]

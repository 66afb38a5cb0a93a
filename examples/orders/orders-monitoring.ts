import { counter, gauge } from '../../monitoring/incidents/input-series.ts'
import { SERVICE_LABELS } from '../../monitoring/incidents/labels.ts'
import { incident } from '../../monitoring/incidents/stretches.ts'
import { BOUNDS, MIN_BAD_REQUESTS } from '../../monitoring/objectives.ts'
import type { OwnMonitoring } from '../../monitoring/own-monitoring.ts'
import type { Profile } from '../../monitoring/profiles.ts'
import { type GroupAlert, select } from '../../monitoring/rule.ts'
import { serviceIncrease } from '../../monitoring/rules/service-rules.ts'
import { JOBS } from '../../monitoring/targets.ts'
import { ordersCatalogue } from './orders-catalogue.ts'

const { orders: metric, waiting } = ordersCatalogue

/** Requests that wait, per replica, above which a request waits for longer than its own query takes (two connections). */
const MAX_WAITING = 2

function alerts({ window, for: { degradation } }: Profile): GroupAlert[] {
  const failed = serviceIncrease(metric.name, window, { [metric.labels.outcome]: 'failed' })
  return [
    {
      name: 'DatabasePoolExhausted',
      severity: 'warning',
      expr: `avg_over_time(${select(waiting.name, { job: JOBS.service })}[${window}]) > ${MAX_WAITING}`,
      for: degradation,
      summary: 'Requests wait for a connection to the database.',
      description: `{{ $labels.instance }}: {{ $value | humanize }} requests waited for a connection to the database on average over the last ${window}; the number has been above the bound of ${MAX_WAITING} for at least ${degradation}. Requests take longer than their queries. First step: check whether the queries are slower, or more.`,
    },
    {
      name: 'OrdersFailing',
      severity: 'critical',
      expr: `${failed} / ${serviceIncrease(metric.name, window)} > ${BOUNDS.errorRatio} and ${failed} >= ${MIN_BAD_REQUESTS}`,
      for: degradation,
      summary: 'The shop loses orders.',
      description: `{{ $value | humanizePercentage }} of the orders over the last ${window} were not stored; the ratio has been above the bound of ${BOUNDS.errorRatio * 100}% for at least ${degradation}. Their customers got an error. First step: find the error of the database in the log.`,
    },
  ]
}

const placed = (outcome: string, each: ReturnType<typeof incident>) =>
  counter(metric.name, { ...SERVICE_LABELS, [metric.labels.outcome]: outcome }, each)

/** The rules of orders, and the series of their unit tests. */
export const OWN_MONITORING: OwnMonitoring = {
  catalogue: ordersCatalogue,
  groups: { orders: { area: 'orders', dashboard: 'service', alerts } },
  cases: ({ name }) => [
    {
      alert: 'DatabasePoolExhausted',
      labels: SERVICE_LABELS,
      value: name === 'production' ? '3.8' : '4',
      incidents: {
        'four requests wait': {
          input: [gauge(waiting.name, SERVICE_LABELS, incident(0, 2 * MAX_WAITING))],
          firing: { production: [48, 79], drill: [35, 72] },
        },
      },
      silences: { 'a moment': [gauge(waiting.name, SERVICE_LABELS, incident(0, 10, 1))] },
    },
    {
      alert: 'OrdersFailing',
      labels: { job: JOBS.service },
      value: name === 'production' ? '25.33%' : '26.32%',
      incidents: {
        'half of the orders fail': {
          input: [placed('accepted', incident(100, 50)), placed('failed', incident(0, 50))],
          firing: { production: [39, 87], drill: [32, 74] },
        },
      },
      silences: { 'a few orders fail': [placed('accepted', incident(0, 0)), placed('failed', incident(0, 3, 1))] },
    },
  ],
}

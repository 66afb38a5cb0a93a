// Days of requests, as promtool reads them.
import { type Alert, alertingRule } from '../rule.ts'
import { sloAlerts } from '../rules/slo.ts'
import { JOBS } from '../targets.ts'
import type { RuleTest } from './promtool.ts'
import { type Life, REPLAYS, type Replay } from './replays.ts'

/** What a replay says of an alert, as promtool reads it. */
const replayed = (alert: string, { name, input, length, lives: all }: Replay): RuleTest => {
  const lives = all.filter(life => life.alert === alert)
  const at = (minute: number) => `${minute}m` as const
  const firing = (matchers: string) => `ALERTS{${matchers},alertstate="firing"}`
  const of = ({ alert, slo }: Life) => firing(`alertname="${alert}",slo="${slo}"`)
  const minutes = lives.reduce((sum, { fires, ends }) => sum + ends - fires, 0)
  const counted = (selector: string) => `count_over_time(${selector}[${length}m])`
  return {
    name,
    interval: '1m',
    input_series: input,
    alert_rule_test: lives.map(({ alert, slo, fires, burn }) => {
      const rule = sloAlerts().find(({ name }) => name === alert) as Alert
      const labels = { job: JOBS.service, slo }
      const values: Record<string, string> = {
        '$labels.job': labels.job,
        '$labels.slo': slo,
        '$value | humanize': burn,
      }
      const annotations = alertingRule({
        ...rule,
        description: rule.description.replace(/{{ (.*?) }}/g, (_, value: string) => `${values[value]}`),
      }).annotations
      return {
        eval_time: at(fires),
        alertname: alert,
        exp_alerts: [
          { exp_labels: { ...labels, severity: rule.severity, area: rule.area }, exp_annotations: annotations },
        ],
      }
    }),
    promql_expr_test: [
      ...lives.flatMap(life => [
        { expr: `count(${of(life)})`, eval_time: at(life.fires - 1), exp_samples: [] },
        { expr: `count(${of(life)})`, eval_time: at(life.fires), exp_samples: [{ labels: '{}', value: 1 }] },
        { expr: `count(${of(life)})`, eval_time: at(life.ends - 1), exp_samples: [{ labels: '{}', value: 1 }] },
        // without a gap, and never again
        {
          expr: `sum(${counted(of(life))})`,
          eval_time: at(length),
          exp_samples: [{ labels: '{}', value: life.ends - life.fires }],
        },
      ]),
      // these are all of its lives: none is of another objective
      {
        expr: `sum(${counted(firing(`alertname="${alert}"`))})`,
        eval_time: at(length),
        exp_samples: lives.length === 0 ? [] : [{ labels: '{}', value: minutes }],
      },
    ],
  }
}

/**
 * The tests of an alert of error budgets: the same in every profile. One evaluation a minute. Those that it fires in come first,
 * the shortest at the front: a rule that is wrong is soon found out.
 */
export function dayTests(alert: string): RuleTest[] {
  const isSilent = ({ lives }: Replay) => Number(!lives.some(life => life.alert === alert))
  return REPLAYS.toSorted((a, b) => isSilent(a) - isSilent(b) || a.length - b.length).map(replay =>
    replayed(alert, replay),
  )
}

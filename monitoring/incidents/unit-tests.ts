import { type Duration, type Profile, secondsOf } from '../profiles.ts'
import { alertingRule } from '../rule.ts'
import { alertNamed, ruleGroups } from '../rules/rules.ts'
import { boundCases, type Incident, incidents, silences } from './incidents.ts'
import { gauge, type InputSeries, SCRAPES, SERVICE_LABELS, steady } from './input-series.ts'
import type { ExpectedAlert, RuleTest } from './run-rule-tests.ts'
import { similarSeries } from './similar-series.ts'

const time = (interval: Duration, scrapes: number) => `${Math.round(scrapes * secondsOf(interval))}s` as const

/** Expectation that one instance of an alert fires. */
const oneFires = (alert: string, interval: Duration, scrapes: number) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
  eval_time: time(interval, scrapes),
  exp_samples: [{ labels: '{}', value: 1 }],
})

/**
 * The alert does not fire one scrape too early, fires with its labels and annotations until one scrape before it
 * clears.
 */
function incidentTest(profile: Profile, incident: Incident): RuleTest {
  const { alert, name, input, labels, description, interval = profile.scrapeInterval } = incident
  const [fires, clears] = incident.firing[profile.name]
  const { annotations } = alertingRule(alertNamed(profile, alert))
  const expected = { exp_labels: labels, exp_annotations: { ...annotations, description } }
  const check = (scrapes: number, exp_alerts: ExpectedAlert[]) => ({
    eval_time: time(interval, scrapes),
    alertname: alert,
    exp_alerts,
  })
  const expressions = ruleGroups(profile).flatMap(({ rules }) => rules.map(({ expr }) => expr))
  return {
    name: `${alert}: ${name}`,
    interval,
    input_series: [...input, ...similarSeries(input, expressions)],
    alert_rule_test: [check(fires - 1, []), check(fires, [expected]), check(clears, [])],
    promql_expr_test: [oneFires(alert, interval, clears - 1)],
  }
}

/** The alert fires at no evaluation. */
const neverFires = (alert: string, name: string, interval: Duration, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert} does not fire: ${name}`,
  interval,
  input_series: input,
  alert_rule_test: [1, 30, 100, SCRAPES - 1].map(scrapes => ({
    eval_time: time(interval, scrapes),
    alertname: alert,
    exp_alerts: [],
  })),
  promql_expr_test: [
    {
      expr: `count_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[${time(interval, SCRAPES)}])`,
      eval_time: time(interval, SCRAPES - 1),
      exp_samples: [],
    },
  ],
})

const alwaysFires = (alert: string, name: string, interval: Duration, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert}: ${name}`,
  interval,
  input_series: input,
  alert_rule_test: [],
  promql_expr_test: [100, 199].map(scrapes => oneFires(alert, interval, scrapes)),
})

/** The unit tests of a profile's alerts, by alert: each incident, both sides of each bound, and each silence. */
export function unitTests(profile: Profile): Map<string, RuleTest[]> {
  const { scrapeInterval } = profile
  const tests = new Map<string, RuleTest[]>()
  const add = (alert: string, ...added: RuleTest[]) => tests.set(alert, [...(tests.get(alert) ?? []), ...added])

  for (const incident of incidents(profile)) add(incident.alert, incidentTest(profile, incident))
  for (const { alert, inside, outside } of boundCases(profile))
    add(
      alert,
      neverFires(alert, 'just inside the bound', scrapeInterval, inside),
      alwaysFires(alert, 'just outside the bound', scrapeInterval, outside),
    )
  for (const { alert, name, input, interval = scrapeInterval } of silences)
    add(alert, neverFires(alert, name, interval, input))
  add('Watchdog', alwaysFires('Watchdog', 'always', scrapeInterval, [gauge('up', SERVICE_LABELS, steady(1))]))
  return tests
}

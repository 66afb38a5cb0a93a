import { type Duration, type Profile, secondsOf } from '../profiles.ts'
import { alertingRule } from '../rule.ts'
import { alertNamed, ruleGroups } from '../rules/rules.ts'
import { alertCases, type Incident, incidentsOf } from './incidents.ts'
import { gauge, type InputSeries, type Labels } from './input-series.ts'
import { SERVICE_LABELS } from './labels.ts'
import type { ExpectedAlert, RuleTest } from './run-rule-tests.ts'
import { similarSeries } from './similar-series.ts'
import { SCRAPES, steady } from './stretches.ts'

const time = (interval: Duration, scrapes: number) => `${Math.round(scrapes * secondsOf(interval))}s` as const

/** Expectation that one instance of an alert fires. */
const oneFires = (alert: string, interval: Duration, scrapes: number) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
  eval_time: time(interval, scrapes),
  exp_samples: [{ labels: '{}', value: 1 }],
})

/** Expectation that an alert fires with the labels and annotations of its rule, and with these labels and this value. */
export function firingAlert(profile: Profile, name: string, objectLabels: Labels, value = ''): ExpectedAlert {
  const { labels, annotations } = alertingRule(alertNamed(profile, name))
  // An expression of a template is the value, or the first of several labels that exists.
  const description = annotations.description.replace(/{{ (.*?) }}/g, (_, expression: string) => {
    const names = [...expression.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
    return expression.startsWith('$value') ? value : (names.map(label => objectLabels[label]).find(Boolean) ?? '')
  })
  return { exp_labels: { ...objectLabels, ...labels }, exp_annotations: { ...annotations, description } }
}

/**
 * The alert does not fire one scrape too early, fires with its labels and annotations until one scrape before it
 * clears.
 */
function incidentTest(profile: Profile, incident: Incident): RuleTest {
  const { alert, name, input, labels = {}, value, interval = profile.scrapeInterval } = incident
  const [fires, clears] = incident.firing[profile.name]
  const check = (scrapes: number, ...exp_alerts: ExpectedAlert[]) => ({
    eval_time: time(interval, scrapes),
    alertname: alert,
    exp_alerts,
  })
  const expressions = ruleGroups(profile).flatMap(({ rules }) => rules.map(({ expr }) => expr))
  return {
    name: `${alert}: ${name}`,
    interval,
    input_series: [...input, ...similarSeries(input, expressions)],
    alert_rule_test: [check(fires - 1), check(fires, firingAlert(profile, alert, labels, value)), check(clears)],
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
  const tests = new Map<string, RuleTest[]>([
    ['Watchdog', [alwaysFires('Watchdog', 'always', scrapeInterval, [gauge('up', SERVICE_LABELS, steady(1))])]],
  ])
  for (const cases of alertCases(profile)) {
    const { alert, interval = scrapeInterval, bounds = [], silences = {} } = cases
    tests.set(alert, [
      ...(tests.get(alert) ?? []),
      ...incidentsOf(cases).map(incident => incidentTest(profile, incident)),
      ...bounds.flatMap(([inside, outside]) => [
        neverFires(alert, 'just inside the bound', interval, inside),
        alwaysFires(alert, 'just outside the bound', interval, outside),
      ]),
      ...Object.entries(silences).map(([name, input]) => neverFires(alert, name, interval, input)),
    ])
  }
  return tests
}

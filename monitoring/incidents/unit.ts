// The unit tests of the rules, as promtool reads them.
import { type Profile, secondsOf } from '../profiles.ts'
import { alertingRule } from '../rule.ts'
import { alerts, ruleFile } from '../rules/index.ts'
import { decoysOf } from './decoys.ts'
import { bounds, type Incident, incidents, peace } from './incidents.ts'
import { type ExpectedAlert, gauge, type InputSeries, type RuleTest } from './promtool.ts'
import { SERVICE, steady } from './series.ts'

type Pace = Pick<Profile, 'scrapeInterval'>

const time = ({ scrapeInterval }: Pace, scrapes: number) =>
  `${Math.round(scrapes * secondsOf(scrapeInterval))}s` as const

/** An expectation that so many alerts of a name fire. */
const firing = (profile: Pace, alert: string, scrapes: number, count: number) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
  eval_time: time(profile, scrapes),
  exp_samples: [{ labels: '{}', value: count }],
})

/** Silent one evaluation early, fires with its labels and texts, fires until one evaluation before the end, clears. */
function atIncident(
  profile: Profile,
  { alert, name, input, labels, says, interval = profile.scrapeInterval, ...lives }: Incident,
): RuleTest {
  const [fires, clears] = lives[profile.name]
  const rule = alerts(profile).find(({ name }) => name === alert)
  if (rule === undefined) throw new Error(`there is no alert ${alert}`)
  const { description: _, ...annotations } = alertingRule(rule).annotations
  const expected = { exp_labels: labels, exp_annotations: { ...annotations, description: says } }
  const pace = { scrapeInterval: interval }
  const check = (scrapes: number, exp_alerts: ExpectedAlert[]) => ({
    eval_time: time(pace, scrapes),
    alertname: alert,
    exp_alerts,
  })
  return {
    name: `${alert}: ${name}`,
    interval,
    input_series: [...input, ...decoysOf(input, expressions(profile))],
    alert_rule_test: [check(fires - 1, []), check(fires, [expected]), check(clears, [])],
    promql_expr_test: [firing(pace, alert, clears - 1, 1)],
  }
}

const never = (profile: Pace, alert: string, name: string, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert}: never: ${name}`,
  interval: profile.scrapeInterval,
  input_series: input,
  alert_rule_test: [1, 30, 100, 199].map(scrapes => ({
    eval_time: time(profile, scrapes),
    alertname: alert,
    exp_alerts: [],
  })),
})

const always = (profile: Profile, alert: string, name: string, input: readonly InputSeries[]): RuleTest => ({
  name: `${alert}: ${name}`,
  interval: profile.scrapeInterval,
  input_series: input,
  alert_rule_test: [],
  promql_expr_test: [100, 199].map(scrapes => firing(profile, alert, scrapes, 1)),
})

const expressions = (profile: Profile) => ruleFile(profile).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))

/** The unit tests of each alert of a profile, by its name: at its incidents, at its bound, and where it must be silent. */
export function unitTests(profile: Profile): Map<string, RuleTest[]> {
  const tests: (readonly [alert: string, test: RuleTest])[] = [
    ...incidents(profile).map(incident => [incident.alert, atIncident(profile, incident)] as const),
    ...bounds(profile).flatMap(({ alert, inside, outside }) => [
      [alert, never(profile, alert, 'just inside of the bound', inside)] as const,
      [alert, always(profile, alert, 'just outside of the bound', outside)] as const,
    ]),
    ...peace.map(
      ({ alert, name, input, interval = profile.scrapeInterval }) =>
        [alert, never({ scrapeInterval: interval }, alert, name, input)] as const,
    ),
    ['Watchdog', always(profile, 'Watchdog', 'always', [gauge('up', SERVICE, steady(1))])],
  ]
  const byAlert = Map.groupBy(tests, ([alert]) => alert)
  return new Map([...byAlert].map(([alert, entries]) => [alert, entries.map(([, test]) => test)]))
}

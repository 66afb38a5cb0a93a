// What a stack at rest must show: of all alerts, only Watchdog.
import type { Answer, PrometheusClient } from '../lib/prometheus.ts'
import { readInteger } from '../lib/read-variable.ts'
import { type InputSeries, isCounter } from '../monitoring/incidents/input-series.ts'
import { nameOf, runRuleTests } from '../monitoring/incidents/run-rule-tests.ts'
import { PRODUCTION, type Profile, secondsOf } from '../monitoring/profiles.ts'
import { selectorsOf } from '../monitoring/promql.ts'
import { select } from '../monitoring/rule.ts'
import { ruleGroups } from '../monitoring/rules/rules.ts'
import { EXPORTERS, OWN_METRICS } from '../monitoring/targets.ts'

/**
 * Seconds for which a stack at rest is watched; REST sets another number. Without a receiver, NotificationsFailing is
 * pending 40 s after the start.
 */
export const REST_SECONDS = readInteger(process.env, 'REST', { minimum: 60, fallback: 60 })

/** The area of the alerts on the machine. Other work on the machine can cause them: they are printed and not judged. */
const MACHINE = 'node'

export const HOUR_SECONDS = 3600

/**
 * The alerts that were pending or firing between two Unix times in seconds, without Watchdog and without the alerts on
 * the machine. Throws when Watchdog was not firing: then Prometheus has evaluated no rules.
 */
export async function alertsBetween(prometheus: PrometheusClient, begin: number, end: number): Promise<Answer[]> {
  const active = await prometheus.stored(OWN_METRICS.alerts, begin, end)
  const others = active.filter(({ labels }) => labels.alertname !== 'Watchdog')
  if (others.length === active.length) throw new Error('Watchdog was not firing, so Prometheus has evaluated no rules')
  for (const { labels, samples } of others.filter(({ labels }) => labels.area === MACHINE))
    console.log(`  not judged: ${labels.alertname} was ${labels.alertstate} at ${samples.length} evaluations`)
  return others.filter(({ labels }) => labels.area !== MACHINE)
}

/**
 * Reads the samples, between two Unix times in seconds, of every metric that the rules read.
 * @param others names of more metrics to read
 */
export function recordSamples(
  prometheus: PrometheusClient,
  begin: number,
  end: number,
  others: readonly string[] = [],
): Promise<Answer[]> {
  const rules = ruleGroups(PRODUCTION).flatMap(group => group.rules)
  const ofRules = new Set<string>([...rules.map(nameOf), OWN_METRICS.alerts])
  const metrics = rules.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric))
  const scraped = new Set(metrics.filter(metric => !ofRules.has(metric)))
  return prometheus.stored(`{__name__=~"${[...scraped, ...others].join('|')}"}`, begin, end)
}

/**
 * Repeats recorded samples for an hour, one at each scrape of a profile, and evaluates the rules of the profile with
 * promtool. Passes if every target is always up, Watchdog always fires, and no other alert is ever pending or firing;
 * alerts on the machine are not judged.
 */
export function runHour(profile: Profile, recorded: readonly Answer[]) {
  const scrapes = HOUR_SECONDS / secondsOf(profile.scrapeInterval)
  const targets = recorded.filter(({ labels }) => labels.__name__ === EXPORTERS.up).length
  const hour = `${HOUR_SECONDS}s` as const
  const inHour = (labels: Readonly<Record<string, string>>) => `(${select(OWN_METRICS.alerts, labels)}[${hour}])`
  const atEnd = (expr: string, ...values: number[]) => ({
    expr,
    eval_time: hour,
    exp_samples: values.map(value => ({ labels: '{}', value })),
  })
  const test = {
    name: `an hour at rest, ${profile.name}`,
    interval: profile.scrapeInterval,
    input_series: recorded.map((answer): InputSeries => {
      const { series, values } = repeat(answer, scrapes + 1)
      return { series, values: values.join(' ') }
    }),
    alert_rule_test: [],
    promql_expr_test: [
      atEnd(`sum(sum_over_time(${EXPORTERS.up}[${hour}]))`, targets * scrapes),
      atEnd(`sum(count_over_time${inHour({ alertname: 'Watchdog', alertstate: 'firing' })})`, scrapes),
      atEnd(`count_over_time${inHour({ alertname: '!=Watchdog', area: `!=${MACHINE}` })}`),
    ],
  }
  // The rules of the group slo are the same in each profile. At the interval of the drill profile they take a minute.
  const groups = ruleGroups(profile).filter(({ name }) => profile === PRODUCTION || name !== 'slo')
  const rules = groups.flatMap(group => group.rules)
  return runRuleTests({ rules, evaluationInterval: profile.evaluationInterval, tests: [test] })
}

/** A series, and its values, repeated until there are `count`: a gauge repeats its values, a counter its increases. */
export function repeat({ labels: { __name__ = '', ...labels }, samples }: Answer, count: number) {
  const series = select(__name__, labels)
  const increases = isCounter(series)
  const recorded = samples.map(([, value]) => value)
  const values = [recorded[0] ?? 0]
  const steps = increases ? recorded.slice(1).map((value, i) => value - (recorded[i] ?? 0)) : recorded
  while (values.length < count) {
    const step = steps[(values.length - 1) % steps.length] ?? 0
    values.push(increases ? (values.at(-1) ?? 0) + step : step)
  }
  return { series, values, isCounter: increases }
}

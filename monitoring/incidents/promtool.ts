import type { Duration } from '../profiles.ts'
import { select } from '../rule.ts'

/** A time series of a promtool test: one value a scrape. */
export interface InputSeries {
  readonly series: string
  readonly values: string
}

/** A stretch of `[value, scrapes]`; of a counter, the value is its rise a scrape. */
export type Stretch<Value = number> = readonly [value: Value, scrapes: number]

/** Whether a series is a counter, by its name, as Prometheus has it. */
export const isCounter = (series: string) => /_(total|bucket|sum|count)\{/.test(series)

/** A gauge that holds each value for a number of scrapes. `stale` is what Prometheus writes when a target goes away. */
export function gauge(
  metric: string,
  labels: Record<string, string>,
  stretches: Stretch<number | 'stale'>[],
): InputSeries {
  const values = stretches.flatMap(([value, scrapes]) =>
    value === 'stale' ? ['stale', ...Array(scrapes - 1).fill('_')] : Array(scrapes).fill(value),
  )
  return { series: select(metric, labels), values: values.join(' ') }
}

/** A counter that rises from 0 by each value for a number of scrapes. */
export function counter(metric: string, labels: Record<string, string>, stretches: Stretch[]): InputSeries {
  const values: number[] = []
  for (const [rise, scrapes] of stretches) for (let i = 0; i < scrapes; i++) values.push((values.at(-1) ?? 0) + rise)
  return { series: select(metric, labels), values: values.join(' ') }
}

/** The labels and annotations that an alert must have. */
export interface ExpectedAlert {
  readonly exp_labels: Readonly<Record<string, string>>
  readonly exp_annotations: Readonly<Record<string, string>>
}

/** A unit test of rules, as promtool reads it. */
export interface RuleTest {
  readonly name: string
  readonly interval: Duration
  readonly input_series: readonly InputSeries[]
  readonly alert_rule_test: readonly { eval_time: Duration; alertname: string; exp_alerts: readonly ExpectedAlert[] }[]
  readonly promql_expr_test?: readonly {
    expr: string
    eval_time: Duration
    exp_samples: readonly { labels: string; value: number }[]
  }[]
}

import { type LabelMatcher, selectorsOf, type VectorSelector } from '../promql.ts'
import { select } from '../rule.ts'
import { type InputSeries, isCounter, type Labels } from './input-series.ts'
import { INCIDENT_BEGIN } from './stretches.ts'

function accepts({ name, operator, value }: LabelMatcher, labels: Labels): boolean {
  const label = labels[name] ?? ''
  const isEqual = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(label) : label === value
  return operator.startsWith('!') ? !isEqual : isEqual
}

const selects = ({ matchers }: VectorSelector, labels: Labels) => matchers.every(matcher => accepts(matcher, labels))

/** A label value that a matcher does not accept. */
const refusedBy = ({ operator, value }: LabelMatcher) =>
  operator.startsWith('!') ? (value.split('|')[0] ?? '') : 'other'

/**
 * Series that differ from those of an incident in one label and are bad from the first scrape on. No selector of the
 * rules accepts them, so that a rule that has lost a label matcher fires too early.
 * @param expressions of all rules
 */
export function similarSeries(input: readonly InputSeries[], expressions: readonly string[]): InputSeries[] {
  const selectors = Map.groupBy(expressions.flatMap(selectorsOf), ({ metric }) => metric)
  const similar = input.flatMap(({ series, values }) =>
    selectorsOf(series).flatMap(({ metric, matchers }) => {
      const ofMetric = selectors.get(metric) ?? []
      const labels = Object.fromEntries(matchers.map(({ name, value }) => [name, value]))
      return ofMetric
        .filter(selector => selects(selector, labels))
        .flatMap(selector => selector.matchers.map(matcher => ({ ...labels, [matcher.name]: refusedBy(matcher) })))
        .filter(changed => !ofMetric.some(selector => selects(selector, changed)))
        .map(changed => ({ series: select(metric, changed), values: alwaysBad(series, values.split(' ')) }))
    }),
  )
  return [...new Map(similar.map(each => [each.series, each])).values()]
}

/** The value, or of a counter the increase, of the incident's first scrapes at all scrapes, in promtool's notation. */
function alwaysBad(series: string, values: readonly string[]): string {
  const [before = Number.NaN, first = Number.NaN, second = Number.NaN] = values.slice(INCIDENT_BEGIN - 1).map(Number)
  if (!isCounter(series)) return `${Number.isNaN(second) ? 1 : second}x${values.length}`
  const increase = Math.max(first - before, second - first) // an event that happens once happens at the first scrape
  return `0+${Number.isNaN(increase) ? 1 : increase}x${values.length}`
}

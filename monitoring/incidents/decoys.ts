import { type InputSeries, isCounter } from './promtool.ts'

/** What a selector demands of a label. */
interface Matcher {
  readonly label: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

/** The selectors of an expression, as this project writes them. */
function selectorsOf(expr: string): Selector[] {
  return [...expr.matchAll(/([a-z_:][a-z0-9_:]*)\{([^}]*)\}/gi)].map(([, metric = '', text = '']) => ({
    metric,
    matchers: [...text.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', operator, value = '']) => ({
      ...{ label, value },
      operator: operator as Matcher['operator'],
    })),
  }))
}

function accepts({ operator, value }: Matcher, label: string): boolean {
  const isEqual = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(label) : label === value
  return operator.startsWith('!') ? !isEqual : isEqual
}

/** A value that a matcher does not accept. */
const refusedBy = ({ operator, value }: Matcher) => (operator.startsWith('!') ? (value.split('|')[0] ?? '') : 'other')

/** The second scrape of every incident. */
const BAD = 31

/**
 * Series that look like those of an incident from the first scrape on, but for one label that the rules do not accept: a rule
 * that has lost a selector sees them. Each is refused by one matcher only, and selected by no rule.
 * @param expressions of the rules
 */
export function decoysOf(input: readonly InputSeries[], expressions: readonly string[]): InputSeries[] {
  const selectors = expressions.flatMap(selectorsOf)
  const decoys = input.flatMap(({ series, values }) => {
    const [own] = selectorsOf(series)
    if (own === undefined || values.includes('x')) return []
    const labels = Object.fromEntries(own.matchers.map(({ label, value }) => [label, value]))
    const of = selectors.filter(({ metric }) => metric === own.metric)
    const selects = (matchers: readonly Matcher[], set: Record<string, string>) =>
      matchers.every(matcher => accepts(matcher, set[matcher.label] ?? ''))
    return of
      .filter(({ matchers }) => selects(matchers, labels))
      .flatMap(({ matchers }) => matchers.map(matcher => ({ ...labels, [matcher.label]: refusedBy(matcher) })))
      .filter(set => !of.some(({ matchers }) => selects(matchers, set)))
      .map(set => decoy(own.metric, set, values))
  })
  return [...new Map(decoys.map(each => [each.series, each])).values()]
}

/** What is bad, from the beginning to the end. */
function decoy(metric: string, labels: Record<string, string>, values: string): InputSeries {
  const texts = values.split(' ')
  const at = (scrape: number) => Number(texts[scrape])
  const set = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  const series = `${metric}{${set.join(',')}}`
  const rise = Math.max(at(BAD - 1) - at(BAD - 2), at(BAD) - at(BAD - 1)) // what happens once, happens at the begin
  if (isCounter(series)) return { series, values: `0+${Number.isNaN(rise) ? 1 : rise}x${texts.length}` }
  return { series, values: `${Number.isNaN(at(BAD)) ? 1 : at(BAD)}x${texts.length}` }
}

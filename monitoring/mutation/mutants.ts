import type { Rule } from '../incidents/run-rule-tests.ts'
import { type Duration, secondsOf } from '../profiles.ts'
import { nodesOf, type PromQLNode } from '../promql.ts'

/** A rule with one change that its tests must detect. */
export interface Mutant {
  /** The change, for people; unique among the mutants of a rule. */
  readonly change: string
  readonly rule: Rule
}

type Edit = readonly [change: string, expr: string]

/** The opposite of each comparison operator, by its node name. */
const FLIPPED: Readonly<Record<string, string>> = { Gtr: '<', Lss: '>', Gte: '<=', Lte: '>=', Eql: '!=', Neq: '==' }

const textOf = (expr: string, { from, to }: PromQLNode) => expr.slice(from, to)
const replace = (expr: string, { from, to }: PromQLNode, text: string) => expr.slice(0, from) + text + expr.slice(to)

/** Each comparison flipped; then each bound × 10 and ÷ 10. A bound of 0 stays. */
function comparisonEdits(expr: string): Edit[] {
  // `!=` is also an operator of label matchers.
  const operators = nodesOf(expr, ...Object.keys(FLIPPED)).filter(({ parent }) => parent?.name === 'BinaryExpr')
  const flips = operators.map(
    (node): Edit => [`${textOf(expr, node)} flipped`, replace(expr, node, FLIPPED[node.name] ?? '')],
  )
  const bounds = operators.flatMap(({ nextSibling: node }) => {
    const bound = node?.name === 'NumberDurationLiteral' ? textOf(expr, node) : ''
    if (node === null || Number(bound) === 0) return []
    return [10, 0.1].map((factor): Edit => {
      const changed = `${Number((Number(bound) * factor).toPrecision(6))}`
      return [`bound ${bound} to ${changed}`, replace(expr, node, changed)]
    })
  })
  return [...flips, ...bounds]
}

/** Each window halved and doubled. */
const windowEdits = (expr: string): Edit[] =>
  nodesOf(expr, 'MatrixSelector')
    .flatMap(node => node.getChildren('DurationExpr'))
    .flatMap(node => {
      const window = textOf(expr, node) as Duration
      return [0.5, 2].map((factor): Edit => {
        const changed = `${secondsOf(window) * factor}s`
        return [`window [${window}] to [${changed}]`, replace(expr, node, changed)]
      })
    })

/** Each label matcher dropped, from all selectors that have it, because joined selectors share matchers. */
function matcherEdits(expr: string): Edit[] {
  const matchersOf = (node: PromQLNode) =>
    node.getChildren('UnquotedLabelMatcher').map(matcher => textOf(expr, matcher))
  const selectors = nodesOf(expr, 'LabelMatchers')
  return [...new Set(selectors.flatMap(matchersOf))].map(dropped => [
    `matcher ${dropped} dropped`,
    selectors.reduceRight((changed, node) => {
      const kept = matchersOf(node).filter(matcher => matcher !== dropped)
      return replace(changed, node, `{${kept.join(',')}}`)
    }, expr),
  ])
}

/** Each label of `by (…)`, `without (…)` and `on (…)` dropped. */
const labelEdits = (expr: string): Edit[] =>
  nodesOf(expr, 'GroupingLabels').flatMap(node => {
    const keyword = node.prevSibling === null ? '' : textOf(expr, node.prevSibling)
    const labels = node.getChildren('LabelName').map(label => textOf(expr, label))
    return labels.map((dropped): Edit => {
      const kept = labels.filter(label => label !== dropped)
      return [`${keyword} without ${dropped}`, replace(expr, node, `(${kept.join(', ')})`)]
    })
  })

/** All mutants of a rule: the edits of its expression, and `for` removed and doubled. */
export function mutantsOf(rule: Rule): Mutant[] {
  const edits = [comparisonEdits, windowEdits, matcherEdits, labelEdits].flatMap(edit => edit(rule.expr))
  const mutants: Mutant[] = edits.map(([change, expr]) => ({ change, rule: { ...rule, expr } }))
  const { for: duration, ...immediate } = rule
  if (duration !== undefined) {
    const doubled = `${2 * Number.parseFloat(duration)}${duration.slice(-1)}` as Duration
    mutants.push({ change: 'for removed', rule: immediate }, { change: 'for doubled', rule: { ...rule, for: doubled } })
  }
  // The same change at another place of an expression gets a number.
  const counts = new Map<string, number>()
  return mutants.map(({ change, rule }) => {
    const count = (counts.get(change) ?? 0) + 1
    counts.set(change, count)
    return { change: count === 1 ? change : `${change}, ${count}`, rule }
  })
}

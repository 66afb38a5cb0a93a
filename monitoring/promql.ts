import { parser } from '@prometheus-io/lezer-promql'

/** A node of a PromQL syntax tree, named as in Prometheus' grammar: `VectorSelector`, `FunctionCall`. */
export type PromQLNode = ReturnType<typeof parser.parse>['topNode']

/** A label matcher of a selector. */
export interface LabelMatcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  /** The value without quotes and escapes. */
  readonly value: string
}

/** A vector selector of a PromQL expression: `metric{label="value"}[range]`. */
export interface VectorSelector {
  /** Name of the metric; empty where the selector has none. */
  readonly metric: string
  /** The label matchers, without the one that gives the metric's name. */
  readonly matchers: readonly LabelMatcher[]
  /** Text between the square brackets: `5m`, or `5m:1m` for a subquery of the selector. */
  readonly range?: string
  /** Name of the innermost function or aggregation around the selector: `rate`. */
  readonly function?: string
}

/**
 * The nodes of an expression that have one of the names in Prometheus' grammar, in the order of the text.
 * Grafana's variables are no PromQL: replace them first, see {@link interpolate}.
 * @throws Error with the expression and the position where the expression cannot be parsed
 */
export function nodesOf(expression: string, ...names: readonly string[]): PromQLNode[] {
  const nodes: PromQLNode[] = []
  parser.parse(expression).iterate({
    enter({ type, name, node, from }) {
      if (type.isError) throw new Error(`PromQL cannot be parsed at character ${from + 1}: ${expression}`)
      if (names.includes(name)) nodes.push(node)
    },
  })
  return nodes
}

/**
 * Every vector selector of an expression, in the order of the text.
 * @throws Error with the expression and the position where the expression cannot be parsed
 */
export const selectorsOf = (expression: string): VectorSelector[] =>
  nodesOf(expression, 'VectorSelector').map(node => selector(node, expression))

function selector(node: PromQLNode, expression: string): VectorSelector {
  const { to, parent } = node
  const textOf = (child: PromQLNode | null) => (child ? expression.slice(child.from, child.to) : '')
  const list = node.getChild('LabelMatchers')
  const matchers = ['UnquotedLabelMatcher', 'QuotedLabelMatcher']
    .flatMap(type => list?.getChildren(type) ?? [])
    .sort((a, b) => a.from - b.from)
    .map(matcher => ({
      name: textOf(matcher.getChild('LabelName')) || unquote(textOf(matcher.getChild('QuotedLabelName'))),
      operator: textOf(matcher.getChild('MatchOp')) as LabelMatcher['operator'],
      value: unquote(textOf(matcher.getChild('StringLiteral'))),
    }))
  const isName = ({ name, operator }: LabelMatcher) => name === '__name__' && operator === '='
  const metric =
    textOf(node.getChild('Identifier')) ||
    unquote(textOf(list?.getChild('QuotedLabelName') ?? null)) ||
    matchers.find(isName)?.value ||
    ''
  const hasRange = parent?.name === 'MatrixSelector' || parent?.name === 'SubqueryExpr'
  const range = hasRange ? expression.slice(to, parent.to).trim().slice(1, -1) : undefined
  const name = functionAround(node, textOf)
  return {
    metric,
    matchers: matchers.filter(matcher => !isName(matcher)),
    ...(range === undefined ? {} : { range }),
    ...(name === undefined ? {} : { function: name }),
  }
}

function functionAround(node: PromQLNode, textOf: (node: PromQLNode | null) => string): string | undefined {
  for (let around = node.parent; around; around = around.parent) {
    const name = around.getChild('FunctionIdentifier') ?? around.getChild('AggregateOp')
    if (name) return textOf(name)
  }
  return undefined
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The value of a string literal in double quotes, single quotes or backticks. */
const unquote = (literal: string) =>
  literal.startsWith('`')
    ? literal.slice(1, -1)
    : literal.slice(1, -1).replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character)

/**
 * Replaces Grafana's variables, `$name`, `${name}` and `${name:format}`, by their values.
 * Names without a value stay, as in Grafana: `${1}` is a group of `label_replace`.
 */
export const interpolate = (expression: string, values: Readonly<Record<string, string>>): string =>
  expression.replace(/\$(?:(\w+)|\{(\w+)(?::\w+)?\})/g, (text, plain?: string, braced?: string) => {
    return values[plain ?? braced ?? ''] ?? text
  })

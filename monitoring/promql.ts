import { parser } from '@prometheus-io/lezer-promql'

/** A node of the syntax tree of a PromQL expression. */
export type PromQLNode = ReturnType<typeof parser.parse>['topNode']

/** A vector selector of a PromQL expression. */
export interface VectorSelector {
  /** Empty if the selector has no metric name. */
  readonly metric: string
  readonly matchers: readonly {
    readonly name: string
    readonly operator: '=' | '!=' | '=~' | '!~'
    readonly value: string
  }[]
  /** Range of a range vector, as written. */
  readonly range?: string
  /** Position in the expression. */
  readonly from: number
  readonly to: number
}

/** The nodes of an expression that have one of the names in Prometheus' grammar, in the order of the text. */
export function nodesOf(expression: string, ...names: readonly string[]): PromQLNode[] {
  const nodes: PromQLNode[] = []
  parser.parse(expression).iterate({
    enter({ name, node }) {
      if (names.includes(name)) nodes.push(node)
    },
  })
  return nodes
}

/** The vector selectors of an expression. */
export const selectorsOf = (expression: string): VectorSelector[] =>
  nodesOf(expression, 'VectorSelector').map(selector => {
    const textOf = (node: PromQLNode | null | undefined) => (node ? expression.slice(node.from, node.to) : '')
    const matchers = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
    const range = selector.parent?.name === 'MatrixSelector' && selector.parent.getChild('DurationExpr')
    return {
      metric: textOf(selector.getChild('Identifier')),
      matchers: matchers.map(matcher => ({
        name: textOf(matcher.getChild('LabelName')),
        operator: textOf(matcher.getChild('MatchOp')) as '=',
        value: JSON.parse(textOf(matcher.getChild('StringLiteral'))),
      })),
      ...(range && { range: textOf(range) }),
      from: selector.from,
      to: selector.to,
    }
  })

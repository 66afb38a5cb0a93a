/** A selector of an expression: `metric{label="value"}[range]`. */
export interface Selector {
  readonly metric: string
  /** By label, with their operators: `=~"$job"`. */
  readonly matchers: Readonly<Record<string, string>>
  /** As it is written, where there is one. */
  readonly range?: string
  /** The function or aggregation around it. */
  readonly within?: string
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[a-zA-Z_:][\w:]*|\d[\w.]*|[=!]~|[=!<>]=|\S/g
const NAME = /^[a-zA-Z_:]/
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const KEYWORD = new Set([...GROUPING, 'and', 'or', 'unless', 'bool', 'offset'])

/** Every selector of a PromQL expression. What it takes for a name is never less than what Prometheus does. */
export function selectorsOf(expr: string): Selector[] {
  const tokens: string[] = expr.match(TOKEN) ?? []
  const selectors: Selector[] = []
  const around: string[] = []
  let operator = '' // the name before an open parenthesis, with a grouping between them or not
  let at = 0
  /** The tokens up to a closing one, which is taken, too. */
  const until = (close: string) => {
    const end = tokens.indexOf(close, at)
    if (end < 0) throw new Error(`no ${close} in ${expr}`)
    const taken = tokens.slice(at + 1, end)
    at = end + 1
    return taken
  }

  while (at < tokens.length) {
    const token = tokens[at++] as string
    const next = tokens[at]
    if (GROUPING.has(token)) {
      if (next === '(') until(')')
    } else if (token === '(') {
      around.push(operator)
      operator = ''
    } else if (token === ')') {
      around.pop()
    } else if (NAME.test(token) && !KEYWORD.has(token)) {
      if (next === '(' || next === 'by' || next === 'without') {
        operator = token
        continue
      }
      const matchers = tokens[at] === '{' ? matchersOf(until('}')) : {}
      const range = tokens[at] === '[' ? { range: until(']').join('') } : {}
      const within = around.findLast(Boolean)
      selectors.push({ metric: token, matchers, ...range, ...(within ? { within } : {}) })
    }
  }
  return selectors
}

/** Of `label`, `=`, `"value"`, `,` and so on. */
function matchersOf(tokens: string[]): Record<string, string> {
  const matchers: Record<string, string> = {}
  for (let i = 0; i < tokens.length; i += 4) matchers[`${tokens[i]}`] = `${tokens[i + 1]}${tokens[i + 2]}`
  return matchers
}

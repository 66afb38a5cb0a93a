import type { Rule } from '../incidents/run.ts'

/** A rule with one thing changed that its tests must notice. */
export interface Mutant {
  /** What was changed, for people, and the same each time. */
  readonly change: string
  readonly rule: Rule
}

const FLIPPED: Readonly<Record<string, string>> = { '>': '<', '<': '>', '>=': '<=', '<=': '>=', '==': '!=', '!=': '==' }

/** A piece of an expression: what is in braces or brackets is not what is around it. */
interface Piece {
  readonly kind: 'selector' | 'window' | 'text'
  readonly text: string
}

function piecesOf(expr: string): Piece[] {
  return [...expr.matchAll(/(\{[^}]*\})|(\[[^\]]*\])|([^{[]+)/g)].map(([text, selector, window]) => ({
    kind: selector ? 'selector' : window ? 'window' : 'text',
    text,
  }))
}

/** An expression with a part of one piece replaced, each way of it; `edit` gives the new texts of a match and their names. */
function edits(
  expr: string,
  kind: Piece['kind'],
  pattern: RegExp,
  edit: (match: RegExpMatchArray) => readonly (readonly [change: string, text: string])[],
): { change: string; expr: string }[] {
  const pieces = piecesOf(expr)
  return pieces.flatMap((piece, index) => {
    if (piece.kind !== kind) return []
    return [...piece.text.matchAll(pattern)].flatMap(match =>
      edit(match).map(([change, text]) => {
        const { index: at } = match as RegExpMatchArray & { index: number }
        const edited = piece.text.slice(0, at) + text + piece.text.slice(at + match[0].length)
        const before = pieces.slice(0, index).map(({ text }) => text)
        const after = pieces.slice(index + 1).map(({ text }) => text)
        return { change, expr: [...before, edited, ...after].join('') }
      }),
    )
  })
}

const COMPARISON = /(?<![=!<>~])(==|!=|>=|<=|>|<)(?![=~])/g
const BOUND = /(==|!=|>=|<=|>|<) (\d+(?:\.\d+)?)/g

/** `a, b` in `by (a, b)` without each of them. */
function withoutEach(word: string, list: string): (readonly [string, string])[] {
  const labels = list.split(',').map(label => label.trim())
  return labels.map(dropped => [
    `${word} without ${dropped}`,
    `${word} (${labels.filter(label => label !== dropped).join(', ')})`,
  ])
}

/** Each matcher that an expression has; one that several selectors have, because they are matched with each other, counts as one. */
const matchersOf = (expr: string) => {
  const selectors = piecesOf(expr).filter(({ kind }) => kind === 'selector')
  return [...new Set(selectors.flatMap(({ text }) => text.match(/\w+(=~|!~|!=|=)"[^"]*"/g) ?? []))]
}

/** An expression whose selectors do not have a matcher any more. */
const withoutMatcher = (expr: string, matcher: string) =>
  piecesOf(expr)
    .map(({ kind, text }) =>
      kind === 'selector' ? text.replace(matcher, '').replace(/^\{,|,(?=[,}])/g, m => (m[0] === '{' ? '{' : '')) : text,
    )
    .join('')

/**
 * Every mutant of a rule: comparison flipped, bound × 10 and ÷ 10, window halved and doubled, each matcher of a selector and
 * each label of an aggregation dropped, `for` removed and doubled. A bound of 0 has no tenth, and is left.
 */
export function mutantsOf(rule: Rule): Mutant[] {
  const { expr } = rule
  const changed = [
    ...edits(expr, 'text', COMPARISON, ([operator]) => [[`${operator} flipped`, FLIPPED[operator] ?? '']]),
    ...edits(expr, 'text', BOUND, ([, operator, bound]) =>
      Number(bound) === 0
        ? []
        : [10, 0.1].map(factor => {
            const text = `${Number((Number(bound) * factor).toPrecision(6))}`
            return [`bound ${bound} to ${text}`, `${operator} ${text}`] as const
          }),
    ),
    ...edits(expr, 'window', /\[(\d+)([smhd])\]/g, ([whole, amount, unit]) =>
      [0.5, 2].map(factor => {
        const seconds = Number(amount) * factor * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
        return [`window ${whole} to [${seconds}s]`, `[${seconds}s]`] as const
      }),
    ),
    ...matchersOf(expr).map(matcher => ({ change: `matcher ${matcher} dropped`, expr: withoutMatcher(expr, matcher) })),
    ...edits(expr, 'text', /\b(by|on|without) \(([^)]+)\)/g, ([, word = '', list = '']) => withoutEach(word, list)),
  ].map(({ change, expr }) => ({ change, rule: { ...rule, expr } }))
  const { for: duration, ...immediate } = rule
  const doubled = duration?.replace(/\d+/, amount => `${2 * Number(amount)}`)
  const patience =
    duration === undefined
      ? []
      : [
          { change: 'for removed', rule: immediate },
          { change: 'for doubled', rule: { ...rule, for: doubled as string } },
        ]
  const all = [...changed, ...patience]
  // the same change in two places of an expression: told apart by their number
  return all.map((mutant, i) => {
    const earlier = all.slice(0, i).filter(({ change }) => change === mutant.change).length
    return earlier === 0 ? mutant : { ...mutant, change: `${mutant.change}, ${earlier + 1}` }
  })
}

import { expect, test } from 'bun:test'
import { interpolate, nodesOf, selectorsOf } from './promql.ts'

/** The selectors of an expression; each matcher as text. */
const shortened = (expression: string) =>
  selectorsOf(expression).map(({ matchers, ...rest }) => ({
    ...rest,
    matchers: matchers.map(({ name, operator, value }) => `${name} ${operator} ${value}`),
  }))

test('every selector of an expression is found, with matchers, range and function', () => {
  expect(
    shortened('sum by (a) (rate(x{job=~"$job", b!="},(y"}[5m])) / on (c) group_left (d) z or max(1 * e) > 2'),
  ).toEqual([
    { metric: 'x', matchers: ['job =~ $job', 'b != },(y'], range: '5m', function: 'rate' },
    { metric: 'z', matchers: [] },
    { metric: 'e', matchers: [], function: 'max' },
  ])
})

test.each<[string, ReturnType<typeof shortened>]>([
  ['x offset 5m', [{ metric: 'x', matchers: [] }]],
  ['max_over_time(x[5m:1m])', [{ metric: 'x', matchers: [], range: '5m:1m', function: 'max_over_time' }]],
  ['rate(x [5m] offset 1m)', [{ metric: 'x', matchers: [], range: '5m', function: 'rate' }]],
  ['sum(x) by (a)', [{ metric: 'x', matchers: [], function: 'sum' }]],
  ['a:b:c{d!~`\\d`} # y', [{ metric: 'a:b:c', matchers: ['d !~ \\d'] }]],
  ['{__name__="x", a=\'b"\'}', [{ metric: 'x', matchers: ['a = b"'] }]],
  ['{"x.y", "l.m"="\\\\d", b!="c"}', [{ metric: 'x.y', matchers: ['l.m = \\d', 'b != c'] }]],
  ['{__name__=~"x|y"}', [{ metric: '', matchers: ['__name__ =~ x|y'] }]],
  [
    `label_replace(up, "a", "\${1}x", "b", "(.)..") and on () vector(1)`,
    [{ metric: 'up', matchers: [], function: 'label_replace' }],
  ],
])('the selectors of %s', (expression, selectors) => {
  expect(shortened(expression)).toEqual(selectors)
})

test.each([
  ['sum(', 5],
  ['rate(x[$__rate_interval])', 8],
  ['x{a=}', 5],
  ['sum by (a) rates(x)', 12],
  ['', 1],
])('%s is refused with its text and the position of the error', (expression, position) => {
  expect(() => selectorsOf(expression)).toThrow(`PromQL cannot be parsed at character ${position}: ${expression}`)
})

test('nodes are found by the names of the grammar', () => {
  expect(nodesOf('vector(1) + 2', 'NumberDurationLiteral', 'Vector').map(({ name, from }) => [name, from])).toEqual([
    ['Vector', 0],
    ['NumberDurationLiteral', 7],
    ['NumberDurationLiteral', 12],
  ])
})

test("Grafana's variables are replaced in each of their forms; other names stay", () => {
  const values = { job: 'a', __range: '5m' }
  expect(interpolate(`x{j=~"$job",k="\${job:regex}",l="\${job}"}[$__range] \${1}x $other`, values)).toBe(
    `x{j=~"a",k="a",l="a"}[5m] \${1}x $other`,
  )
})

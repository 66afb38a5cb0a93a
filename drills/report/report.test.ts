import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { example, failed, inconclusive, stopped } from '../../test/example-results.ts'
import type { OverloadResult } from '../overload/overload-result.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'
import { overloadReport } from './overload-report.ts'
import { type Cell, tableOf } from './report-model.ts'
import { aligned, lastLines } from './terminal.ts'
import { writeReport } from './write-report.ts'

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'report-')), 'new')

/** The href of each link of a page. */
const linksOf = (page: string) => [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => String(link))

/** The part of a text from one word to another. */
const between = (text: string, from: string, to: string) => text.slice(text.indexOf(from), text.indexOf(to))

/** Figures of the example that people read, as both texts write them. */
const FIGURES = [
  ...['87/s', '239.3/s', '91.7 %', '84.2, 87, 86.5/s', '221, 239.3, 238/s'],
  ...['95/s', '108/s', '122/s', 'clients gave up requests after 6.5 s'],
  ...['22.6 s', '7.7 s', '3.3 s', '1.1 s', '4.4 s', '1.97 s', '20.3 ms', '123 ms', '4.56 s', '42 %'],
  '0.3 cores, by the kernel (systemd scope)',
]

describe.each([
  ['HTML', html],
  ['Markdown', markdown],
])('the report as %s', (_, renderReport) => {
  const render = (result: OverloadResult) => renderReport(overloadReport(result))
  const unescaped = (result: OverloadResult) => render(result).replace(/\\(.)/g, '$1').replaceAll('&quot;', '"')

  test('has every figure, and where each comes from', () => {
    const text = unescaped(example)
    for (const figure of FIGURES) expect(text).toContain(figure)
    for (const { query } of [...example.series, ...example.alerts]) expect(text).toContain(query)
    for (const { load, own } of example.phases)
      for (const source of [load.summary, `${own?.p50.query}`, `${own?.p99.query}`]) expect(text).toContain(source)
    for (const { runs } of example.capacities) for (const { summary } of runs) expect(text).toContain(summary)
    expect(text).toContain('HighLatency.md')
  })

  test('opens with the verdict, then what did not pass, capacity and latency; checks and sources are folded', () => {
    const orderOf = (result: OverloadResult, ...parts: string[]) => {
      const text = unescaped(result)
      const found = parts.map(part => text.indexOf(part))
      expect({ parts, found }).toEqual({ parts, found: found.toSorted((a, b) => a - b) })
      expect(found).not.toContain(-1)
    }
    const folded = ['<details><summary>5 checks, all passed', 'Detection time', 'Sources of the figures']
    orderOf(example, 'Passed: all 5 checks', 'One replica carries 87', 'maximum throughput', 'Overload', ...folded)
    orderOf(failed, 'Failed: 1 of 6 checks', 'What failed', '✗ failed', 'HighLatency: resolved', 'maximum throughput')
    expect(unescaped(example)).not.toContain('What failed')
    expect(unescaped(failed)).toContain('<summary>6 checks, 5 passed, 1 failed</summary>')
  })

  test('says first that it is inconclusive, why and what to do; what needs CPU did not fail', () => {
    const text = unescaped(inconclusive)
    expect(between(text, 'Inconclusive: the machine had no CPU left', 'One replica carries')).toContain(
      'Processes waited for CPU 47 % of the time. 9 processes could run on 2 cores. ' +
        'Run the drill again when the machine is less busy (exit code 75).',
    )
    expect(text).toContain('What could not be judged')
    expect(text).toContain('? inconclusive')
    expect(text).not.toContain('✗ failed')
  })

  test('a check that does not need CPU failed in an inconclusive result, too', () => {
    const text = unescaped({ ...inconclusive, checks: [...inconclusive.checks, ...failed.checks.slice(-1)] })
    expect(text).toContain('What failed or could not be judged')
    expect(text).toContain('? inconclusive')
    expect(text).toMatch(/✗ failed.{1,20}HighLatency: resolved/)
    const failedOnly = unescaped({ ...inconclusive, verdict: 'failed' })
    expect(failedOnly).not.toContain('? inconclusive')
  })

  test('says why the drill stopped, and what was not measured', () => {
    expect(unescaped(stopped)).toMatch(/Failed: the drill stopped early: k6 (<|&lt;)fell(>|&gt;) over/)
    expect(render(stopped)).toContain('Not measured.')
    const [alert] = example.alerts
    expect(alert?.states.length).toBe(6)
    const never = { ...alert, states: alert?.states.slice(0, 3) } as OverloadResult['alerts'][number]
    expect(render({ ...example, alerts: [never] })).toContain('never')
  })

  test('takes no text of the result for markup', () => {
    for (const text of [render(example), render(stopped)]) expect(text).not.toMatch(/(?<!\\)<(fast|fell)/)
  })

  test('says of more replicas that they do not carry the rate where they did not', () => {
    expect(unescaped(example)).toContain('3 replicas carry the same 122 requests/s: p95 20.3 ms, 0 % failed.')
    const phases = example.phases.map(phase => ({ ...phase, load: { ...phase.load, held: false } }))
    expect(unescaped({ ...example, phases })).toContain('3 replicas do not carry the same 122 requests/s')
  })
})

describe('a cell', () => {
  const cells: Cell[] = [
    '✗ failed sum(rate(x[5m])) https://example.org/',
    { code: 'a | <b>' },
    { link: 'k6.json', text: 'k6' },
  ]
  const columns = cells.map((cell, i) => ({ title: `${i}`, cell: (isEmpty: boolean) => (isEmpty ? '' : cell) }))
  const table = tableOf([false, true], columns, isEmpty => (isEmpty ? 'inconclusive' : 'passed'))
  const report = { ...overloadReport(stopped), sections: [{ title: 'Cells', ...table }] }

  test('is what its type says, whatever it looks like', () => {
    const page = html(report)
    expect(page).toContain('<tr><td>✗ failed sum(rate(x[5m])) https://example.org/</td>')
    expect(page).toContain('<td><code>a | &lt;b&gt;</code></td><td><a href="k6.json">k6</a></td>')
    expect(page).toContain('<tr class="inconclusive">')
  })

  test('of Markdown is text or code, without a link', () => {
    expect(markdown(report).split('\n')).toContain(
      '| ✗ failed sum(rate(x\\[5m\\])) https://example.org/ | `a \\| <b>` | k6 |',
    )
  })
})

test('the page needs no network and no script', () => {
  const page = html(overloadReport(example))
  expect(page).not.toMatch(/<(script|link|img|iframe)|\bsrc=|url\(|@import/)
  expect(linksOf(page).filter(link => !/^(runbooks\/\w+\.md|[\w-]+\.k6\.json)$/.test(link))).toEqual([])
})

test('every runbook that the page links lies beside it; the rest are summaries of k6', async () => {
  const folder = newFolder()
  const { html: path } = await writeReport(overloadReport(example), folder)
  const links = linksOf(await Bun.file(path).text())
  const summaries = [...example.capacities.flatMap(({ runs }) => runs), ...example.phases.map(({ load }) => load)]
  const isSummary = (link: string) => summaries.some(({ summary }) => summary === link)
  expect(summaries.filter(({ summary }) => !links.includes(summary))).toEqual([])
  const runbooks = links.filter(link => !isSummary(link))
  expect(runbooks.length).toBe(example.alerts.length)
  expect(runbooks.filter(link => !existsSync(join(folder, link)))).toEqual([])
  const [first = ''] = runbooks
  const original = Bun.file(join(import.meta.dir, '../../monitoring', first))
  expect(await Bun.file(join(folder, first)).text()).toBe(await original.text())
})

test('every chart says what it shows, in both sizes', () => {
  const page = html(overloadReport(example))
  const charts = [...page.matchAll(/<svg[^>]*aria-label="([^"]+)"/g)].map(([, title]) => title)
  expect(charts.length).toBe(2 * 10)
  expect(new Set(charts).size).toBe(10)
  for (const text of [
    'ServiceUnresponsive',
    'scaled: 3 replicas',
    'objective 250 ms',
    '87/s',
    'overload',
    '3 replicas',
  ])
    expect(page.slice(page.indexOf('<svg')).split(`>${text}<`).length - 1).toBeGreaterThanOrEqual(2)
})

test('each alert has a bar of the time in which it was pending, and one in which it fired', () => {
  const [chart = ''] = /<svg[^>]*aria-label="Alerts .*?<\/svg>/s.exec(html(overloadReport(example))) ?? []
  const bars = (colour: string) => chart.split(`fill="var(--${colour})" height="15"`).length - 1
  expect([bars('warn'), bars('bad')]).toEqual([3, 3])
})

test('a series that was not read has no chart', () => {
  const series = example.series.filter(({ id }) => id !== 'nodeCPU' && id !== 'nodePressure')
  expect(html(overloadReport({ ...example, series }))).not.toContain('CPU of the machine')
})

describe('the end on a terminal', () => {
  const report = { html: '/tmp/a b/report.html', json: '', markdown: '' }
  const plain = (result: OverloadResult) =>
    lastLines(overloadReport(result), result.checks, report, { colour: false, next: ['Look around: make up'] })

  test('is the verdict, three figures, the report as a URL and what to do next', () => {
    expect(plain(example)).toEqual([
      '✓ Passed: all 5 checks',
      '',
      '  One replica carries 87 requests/s.',
      '  At 122 requests/s it tipped; ServiceUnresponsive and HighLatency were delivered within 22.6 s.',
      '  3 replicas carry the same 122 requests/s: p95 20.3 ms, 0 % failed.',
      '',
      'Report: file:///tmp/a%20b/report.html',
      'Look around: make up',
    ])
  })

  test('lists each check that failed, with what was demanded and seen', () => {
    expect(plain(failed).slice(0, 3)).toEqual([
      '✗ Failed: 1 of 6 checks',
      '  ✗ failed: HighLatency: resolved: demanded at most 90 s, measured never',
      '',
    ])
  })

  test('says in its first line that the drill is inconclusive, why and what to do', () => {
    expect(plain(inconclusive).slice(0, 2)).toEqual([
      '? Inconclusive: the machine had no CPU left. Processes waited for CPU 47 % of the time. 9 processes could run on ' +
        '2 cores. Run the drill again when the machine is less busy (exit code 75).',
      '  ? inconclusive: scaled: failed requests: demanded at most 0.01, measured 0.3',
    ])
  })

  test('has no figure where the drill stopped before the first', () => {
    expect(plain(stopped)).toEqual([
      '✗ Failed: the drill stopped early: k6 <fell> over',
      '',
      'Report: file:///tmp/a%20b/report.html',
      'Look around: make up',
    ])
  })

  test('names an alert that was not delivered', () => {
    const alerts = example.alerts.map(({ detection, ...alert }) =>
      alert.name === 'HighLatency' || !detection ? alert : { ...alert, detection },
    )
    expect(plain({ ...example, alerts }).join('\n')).toContain(
      'it tipped; ServiceUnresponsive was delivered within 22.6 s; HighLatency was not delivered.',
    )
  })

  test.each([
    [example, 32],
    [failed, 31],
    [inconclusive, 33],
  ])('colours the verdict, and nothing where no colour is wanted (%#)', (result, code) => {
    const [verdict, ...rest] = lastLines(overloadReport(result), result.checks, report, { colour: true, next: [] })
    expect(verdict).toStartWith(`\x1b[1;${code}m`)
    expect(verdict).toEndWith('\x1b[0m')
    expect(`${rest}${plain(result)}`).not.toContain('\x1b')
  })
})

test('rows for a terminal are aligned', () => {
  expect(
    aligned([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'c'],
    ]),
  ).toBe('a    bb  c\naaa  b   c')
})

test('is written as a page, as data and as text', async () => {
  const { html, json, markdown } = await writeReport(overloadReport(example), newFolder())
  expect(await Bun.file(json).json()).toEqual(example)
  expect(await Bun.file(html).text()).toStartWith('<!doctype html>')
  expect(await Bun.file(markdown).text()).toStartWith('# Drill overload: passed')
})

import { describe, expect, test } from 'bun:test'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import type { Answer, PrometheusClient } from '../../lib/prometheus.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import type { PanelQuery } from '../../monitoring/dashboards/panel-queries.ts'
import { selectorsOf } from '../../monitoring/promql.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { evaluate, faultOf, faultsOf } from './evaluate.ts'
import { evaluationTable } from './evaluation-table.ts'

const NAME = SERVICE_CONFIG.name

type Prometheus = Pick<PrometheusClient, 'range' | 'instant'>

const query = (unit: string, mayBeNegative = false) => ({ unit, mayBeNegative }) as PanelQuery
const answer = (...values: number[]): Answer[] => [{ labels: {}, samples: values.map((value, i) => [i, value]) }]

describe('the fault of an answer', () => {
  test.each<[string, PanelQuery, Answer[], string | undefined]>([
    ['no series', query('reqps'), [], 'no series'],
    ['a division by 0', query('s'), answer(Number.NaN), 'no finite value'],
    ['one number among others', query('s'), answer(Number.NaN, 0.2, Number.NaN), undefined],
    ['a negative rate', query('reqps'), answer(1, -2), '-2 is negative'],
    ['an overspent budget', query('percentunit', true), answer(-2), undefined],
    ['percents for a ratio', query('percentunit'), answer(95), '95 is too large for the unit percentunit'],
    ['milliseconds for seconds', query('s'), answer(4000), '4000 is too large for the unit s'],
    ['mebibytes for bytes', query('bytes'), answer(700), '700 bytes are too few for the unit bytes'],
    ['the time at which an alert began, after any uptime', query('dateTimeFromNow'), answer(1.8e12), undefined],
    ['a full disk', query('bytes'), answer(0), undefined],
  ])('%s', (_, asked, answers, fault) => {
    expect(faultOf(asked, answers)).toBe(fault)
  })
})

const all = [...dashboards.values()]
const asked = (prometheus: Prometheus, platform: 'local' | 'kubernetes' = 'kubernetes') =>
  evaluate(all, prometheus, platform, PROFILE, 1e9)

/** A Prometheus that has the series of every metric but one. */
const without = (metric: string): Prometheus => {
  const ask = async (expr: string) => (selectorsOf(expr).some(selector => selector.metric === metric) ? [] : answer(0))
  return { range: ask, instant: ask }
}

test('a missing metric is a fault of each query that names the metric, and of no other query', async () => {
  const queries = await asked(without('none'))
  const metrics = new Set(queries.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)))
  expect(faultsOf(queries)).toEqual([])
  expect(metrics.size).toBeGreaterThan(40)
  for (const metric of metrics) {
    const faults = faultsOf(await asked(without(metric)))
    expect(faults.length).toBeGreaterThan(0)
    for (const { expr, fault } of faults) {
      expect(fault).toBe('no series')
      expect(selectorsOf(expr).map(selector => selector.metric)).toContain(metric)
    }
  }
})

test('every query runs once, as range or instant query; without a cluster, those of its metrics are skipped', async () => {
  const seen: string[] = []
  const note = (kind: string) => async (expr: string) => {
    seen.push(`${kind} ${expr}`)
    return answer(0)
  }
  const prometheus = { range: note('range'), instant: note('instant') }
  const evaluated = await asked(prometheus, 'local')
  const skipped = evaluated.filter(query => query.skipped)
  expect(seen).toHaveLength(1 + evaluated.length - skipped.length) // the first asks whether k6 has sent load
  for (const { expr } of skipped)
    expect(selectorsOf(expr)).toContainEqual(
      expect.objectContaining({ metric: expect.stringMatching(/^(kube|container)_/) }),
    )
  expect(seen.filter(text => text.startsWith('instant ')).length).toBeGreaterThan(5)
  expect(faultsOf(evaluated)).toEqual([])
})

test('a query of what a healthy service does not have is right while its metrics exist', async () => {
  const ask = async (expr: string) => (expr.includes('alertstate="firing"') ? [] : answer(0))
  const faults = faultsOf(await asked({ range: ask, instant: ask }))
  expect(new Set(faults.map(({ title }) => title))).toEqual(new Set(['Alerts firing', 'Alerts']))
})

test('where k6 has sent no load, only its queries are not run', async () => {
  const range = async (expr: string) => (expr.includes('k6_') ? [] : answer(0))
  const evaluated = await asked({ range, instant: range })
  const skipped = evaluated.filter(query => query.skipped)
  expect(faultsOf(evaluated)).toEqual([])
  expect(skipped.map(({ skipped }) => skipped)).toEqual(Array(4).fill('no load in 15m'))
  expect(skipped).toEqual(evaluated.filter(({ expr }) => expr.includes('k6_')))
})

test('no query runs after the signal', async () => {
  const stop = new AbortController()
  let queries = 0
  const ask = async () => {
    if (++queries === 3) stop.abort(new Error('stopped'))
    return answer(0)
  }
  const evaluated = evaluate(all, { range: ask, instant: ask }, 'kubernetes', PROFILE, 1e9, stop.signal)
  expect(evaluated).rejects.toThrow('stopped')
  await evaluated.catch(() => {})
  expect(queries).toBe(3)
})

test('the table has a line for each query, with its fault', async () => {
  const refused = () => Promise.reject(new Error('Prometheus: parse error'))
  const evaluated = await asked({ range: refused, instant: async () => answer(0.25) }, 'local')
  const text = evaluationTable(evaluated, 'local')
  expect(text).toMatch(new RegExp(`${NAME}-service +3 +Latency, p95 +A +p95 +both +250 ms`))
  expect(text).toMatch(/Requests by status +A +\{\{class\}\} +both +✗ Prometheus: parse error/)
  expect(text).toMatch(/Restarts +A +Restarts +kubernetes +not on local/)
  const faults = faultsOf(evaluated).length
  const count = evaluated.filter(({ skipped }) => !skipped).length
  expect(text).toContain(`${count - faults} of ${count} queries have a right answer`)
})

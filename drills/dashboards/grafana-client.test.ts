// A fake Grafana: it has the dashboards, and answers the queries to its data source.
import { afterAll, expect, test } from 'bun:test'
import { PrometheusClient } from '../../lib/prometheus.ts'
import { dashboards } from '../../monitoring/dashboards/dashboards.ts'
import { PROFILE } from '../../platforms/local/specs.ts'
import { evaluate, faultsOf } from './evaluate.ts'
import { dashboardsOf, findGrafana, throughGrafana } from './grafana-client.ts'

const PASSWORD = 'p:ss/word'
const uids = [...dashboards.values()].map(({ uid }) => uid as string)
const asked = new Set<string>()

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    if (request.headers.get('authorization') !== `Basic ${btoa(`admin:${PASSWORD}`)}`)
      return new Response(null, { status: 401 })
    if (pathname === '/api/search') return Response.json([])
    const dashboard = [...dashboards.values()].find(({ uid }) => pathname === `/api/dashboards/uid/${uid}`)
    if (dashboard) return Response.json({ dashboard })
    const path = /^\/api\/datasources\/proxy\/uid\/prometheus\/api\/v1\/(query|query_range)$/.exec(pathname)?.[1]
    if (path === undefined) return new Response(null, { status: 404 })
    asked.add(searchParams.get('query') as string)
    const result = [{ metric: {}, ...(path === 'query' ? { value: [1, '0'] } : { values: [[1, '0']] }) }]
    return Response.json({ status: 'success', data: { result } })
  },
})
afterAll(() => server.stop(true))

const address = `http://admin:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`

test('no Grafana is found if none answers, or if it refuses the user', async () => {
  expect(await findGrafana('http://127.0.0.1:1')).toBeUndefined()
  expect(await findGrafana('(make forward, or tilt up)')).toBeUndefined()
  expect(await findGrafana(`http://admin:wrong@127.0.0.1:${server.port}`)).toBeUndefined()
})

test('dashboards are read from Grafana, and their queries run through its data source', async () => {
  const grafana = await findGrafana(address)
  if (grafana === undefined) throw new Error('no Grafana found')
  const shown = await dashboardsOf(grafana, uids)
  expect(shown.map(({ uid }) => uid as string)).toEqual(uids)
  const prometheus = new PrometheusClient(async () => throughGrafana(grafana), grafana.headers)
  const evaluated = await evaluate(shown, prometheus, 'kubernetes', PROFILE, 1e9)
  expect(faultsOf(evaluated)).toEqual([])
  expect([...asked].filter(expr => !expr.includes('__name__'))).toEqual([...new Set(evaluated.map(({ expr }) => expr))])
  expect(dashboardsOf(grafana, ['other'])).rejects.toThrow('does not have the dashboard other (status 404)')
})

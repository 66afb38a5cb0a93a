import { afterAll, describe, expect, test } from 'bun:test'
import { UserError } from '../../../lib/user-error.ts'
import { apiOf, SERVICE } from '../../../test/kubectl.ts'

import { publishedOrigin, reachApi, untilPublished } from './reach.ts'

let status = 200
const stub = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: { '/livez': () => new Response('', { status }) },
  fetch: () => new Response('', { status: 404 }),
})
afterAll(() => stub.stop(true))

const port = stub.port as number
const cluster = (type: string, ports: object, ingress?: object[]) =>
  apiOf(() => ({ [SERVICE]: { spec: { type, ports: [ports] }, status: { loadBalancer: ingress ? { ingress } : {} } } }))
const nothing = apiOf(() => ({}))

test('a NodePort is reached on this machine', async () => {
  expect(await reachApi(cluster('NodePort', { port: 80, nodePort: port }), {})).toBe(stub.url.origin)
})

test('a load balancer is reached at its address or name', async () => {
  const at = (ingress: object) => cluster('LoadBalancer', { port, nodePort: 30_080 }, [ingress])
  expect(await reachApi(at({ ip: '127.0.0.1' }), {})).toBe(`http://127.0.0.1:${port}`)
  expect(await publishedOrigin(at({ hostname: 'lb.example' }))).toBe(`http://lb.example:${port}`)
})

test('API_URL comes before the address of the Service', async () => {
  const service = cluster('NodePort', { port: 80, nodePort: 1 })
  expect(await reachApi(service, { API_URL: `http://127.0.0.1:${port}/` })).toBe(`http://127.0.0.1:${port}`)
  await expect(reachApi(service, { API_URL: '' })).rejects.toThrow('nothing answers at http://127.0.0.1:1')
})

test.each([
  ['nothing answers at http://127.0.0.1:1', cluster('NodePort', { port: 80, nodePort: 1 }), {}],
  ['nothing answers at http://127.0.0.1:1', nothing, { API_URL: 'http://127.0.0.1:1' }],
  ['its Service has no address outside the cluster', cluster('ClusterIP', { port: 80 }), {}],
  ['its Service has no address outside the cluster', nothing, {}],
  // its NodePort is not on this machine
  ['its Service has no address outside the cluster', cluster('LoadBalancer', { port: 80, nodePort: port }), {}],
])('without an answer, the error has the reason and what to do: %s', async (why, api, env) => {
  await expect(reachApi(api, env)).rejects.toThrow(
    new UserError(
      `the API is not reachable from this machine (${why}); set API_URL, or run k6 in the cluster: IN_CLUSTER=1`,
    ),
  )
})

test('an error response counts as no answer', async () => {
  status = 503
  await expect(reachApi(nothing, { API_URL: stub.url.origin })).rejects.toThrow('nothing answers at')
  status = 200
})

describe('the address of a load balancer', () => {
  const waited = async (services: readonly object[]) => {
    const said: string[] = []
    let asked = 0
    const api = apiOf(() => ({ [SERVICE]: services[Math.min(asked++, services.length - 1)] }))
    await untilPublished(api, line => said.push(line), undefined, 1.5)
    return said
  }
  const balanced = { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }

  test('is waited for', async () => {
    const given = { ...balanced, status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } } }
    expect(await waited([balanced, balanced, given])).toEqual(['waiting for the address of the load balancer'])
  })

  test('that does not come is reported, and what says why', async () => {
    expect((await waited([balanced])).at(-1)).toContain('has no address after 1.5 s; the events say why: kubectl -n')
  })

  test('of another Service is not waited for', async () => {
    expect(await waited([{ spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] } }])).toEqual([])
  })
})

import { expect, test } from 'bun:test'
import { allowedMethods, documentedRoutes } from './routes.ts'

const routes = [
  { method: 'GET', path: '/', hooks: {} },
  { method: 'GET', path: '/livez', hooks: {} },
  { method: 'GET', path: '/items/:id', hooks: { detail: { responses: { 200: {}, 422: {}, '5XX': {} } } } },
  { method: 'POST', path: '/items/:id', hooks: {} },
]

test.each([
  ['/', ['GET', 'HEAD']],
  ['/items/1', ['GET', 'HEAD', 'POST']],
  ['/items/', []],
  ['/items/1/2', []],
  ['/items', []],
  ['/other', []],
])('%s takes %p', (path, methods) => {
  expect(allowedMethods(routes, path)).toEqual(methods)
})

test('declares the routes that are traffic with the statuses of their documentation, and the unmatched', () => {
  expect(documentedRoutes(routes, new Set(['/livez']))).toEqual([
    { method: 'GET', route: '/', statuses: [200] },
    { method: 'GET', route: '/items/:id', statuses: [200, 422] },
    { method: 'POST', route: '/items/:id', statuses: [200] },
    { method: 'GET', route: 'unmatched', statuses: [404, 405] },
  ])
})

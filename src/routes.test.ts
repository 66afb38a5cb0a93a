import { expect, test } from 'bun:test'
import { Elysia, t } from 'elysia'
import { allowedMethods, documentedRoutes } from './routes.ts'

const answer = () => ''
const Text = t.String()
const described = { description: 'An answer.' }
const { routes } = new Elysia({ strictPath: true })
  .model({ text: Text })
  .get('/', answer)
  .get('/livez', answer)
  .get('/by-detail/:id', answer, {
    detail: { responses: { 200: described, 422: described, '5XX': described, default: described } },
  })
  .get('/by-response/:id', ({ status }) => status(404, ''), { response: { 200: Text, 404: Text, 500: Text } })
  .get('/by-both', answer, { detail: { responses: { 500: described } }, response: { 200: Text } })
  .get('/one-schema', answer, { response: Text })
  .get('/named-schema', answer, { response: 'text' })
  .use(new Elysia({ prefix: '/plugin' }).guard({ response: { 503: Text } }).post('/guarded', answer))
  .post('/by-detail/:id', answer)
  .put('/optional/:id?', answer)
  .delete('/rest/*', answer)
  .post('/by-schema', answer, { body: t.Object({ n: t.Integer() }), response: Text })
  .all('/all', answer)

test.each([
  ['/', ['GET', 'HEAD']],
  ['/by-detail/1', ['GET', 'HEAD', 'POST']],
  ['/by-response/1', ['GET', 'HEAD']],
  ['/plugin/guarded', ['POST']],
  ['/optional', ['PUT']],
  ['/optional/1', ['PUT']],
  ['/rest/1/2', ['DELETE']],
  ['/rest', []],
  ['/by-detail/', []],
  ['/by-detail/1/2', []],
  ['/by-detail', []],
  ['/other', []],
])('%s takes %p', (path, methods) => {
  expect(allowedMethods(routes, path)).toEqual(methods)
})

test.each([
  ['GET', '/', [200, 500]],
  ['HEAD', '/', [500]],
  ['GET', '/by-detail/:id', [200, 422, 500]],
  ['HEAD', '/by-detail/:id', [422, 500]],
  ['POST', '/by-detail/:id', [200, 500]],
  ['GET', '/by-response/:id', [200, 404, 500]],
  ['HEAD', '/by-response/:id', [404, 500]],
  ['GET', '/by-both', [200, 500]],
  ['HEAD', '/by-both', [500]],
  ['GET', '/one-schema', [200, 500]],
  ['GET', '/named-schema', [200, 500]],
  ['POST', '/plugin/guarded', [500, 503]],
  ['POST', '/by-schema', [200, 422, 500]],
  ['GET', '/all', [200, 500]],
  ['GET', 'unmatched', [404, 405]],
])('%s %s can answer with %p', (method, route, statuses) => {
  const series = documentedRoutes(routes, new Set(['/livez']))
  expect(series.filter(each => each.method === method && each.route === route)).toEqual([{ method, route, statuses }])
})

test('ignored routes have no series', () => {
  expect(documentedRoutes(routes, new Set(['/livez'])).filter(({ route }) => route === '/livez')).toEqual([])
})

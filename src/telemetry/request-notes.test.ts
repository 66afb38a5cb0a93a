import { expect, test } from 'bun:test'
import { noteRoute, requestIdOf, routeOf } from './request-notes.ts'

const withId = (id?: string) =>
  new Request('http://localhost/', { headers: id === undefined ? {} : { 'x-request-id': id } })

test('a request has one id, and another request has another', () => {
  const request = withId()
  expect(requestIdOf(request)).toBe(requestIdOf(request))
  expect(requestIdOf(request)).not.toBe(requestIdOf(withId()))
})

test.each(['abc', 'A-1_b=.', 'x'.repeat(128)])('a well-formed id is kept: %s', id => {
  expect(requestIdOf(withId(id))).toBe(id)
})

test.each(['', 'two words', '"quoted"', 'a\tb', '<script>', 'é', 'x'.repeat(129)])('another is replaced: %p', id => {
  expect(requestIdOf(withId(id))).toMatch(/^[0-9a-f-]{36}$/)
})

test('a request keeps the route that was noted last', () => {
  const request = withId()
  expect(routeOf(request)).toBeUndefined()
  noteRoute(request, '/items/:id')
  expect(routeOf(request)).toBe('/items/:id')
})

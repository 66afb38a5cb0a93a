import { expect, test } from 'bun:test'
import { scopeOf } from './scope.ts'

const withId = (id?: string) =>
  new Request('http://localhost/', { headers: id === undefined ? {} : { 'x-request-id': id } })

test('a request has one scope', () => {
  const request = withId()
  expect(scopeOf(request)).toBe(scopeOf(request))
  expect(scopeOf(request).id).not.toBe(scopeOf(withId()).id)
})

test.each(['abc', 'A-1_b=.', 'x'.repeat(128)])('a well-formed id is kept: %s', id => {
  expect(scopeOf(withId(id)).id).toBe(id)
})

test.each(['', 'two words', '"quoted"', 'a\tb', '<script>', 'é', 'x'.repeat(129)])('another is replaced: %p', id => {
  expect(scopeOf(withId(id)).id).toMatch(/^[0-9a-f-]{36}$/)
})

import { expect, test } from 'bun:test'
import { Lifecycle } from './lifecycle.ts'

test('goes from starting through ready to draining', () => {
  const lifecycle = new Lifecycle()
  expect(lifecycle.unready).toBe('It is still starting.')
  lifecycle.started = true
  expect(lifecycle.unready).toBeUndefined()
  lifecycle.draining = true
  expect(lifecycle.unready).toBe('It is shutting down.')
})

test('is held unready until a moment', () => {
  const lifecycle = new Lifecycle()
  lifecycle.started = true
  lifecycle.heldUntil = performance.now() + 60_000
  expect(lifecycle.unready).toBe('The unready fault holds it.')
  lifecycle.heldUntil = performance.now()
  expect(lifecycle.unready).toBeUndefined()
})

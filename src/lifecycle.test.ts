import { expect, test } from 'bun:test'
import { Lifecycle } from './lifecycle.ts'

test('goes from starting through ready to draining', () => {
  const lifecycle = new Lifecycle()
  expect(lifecycle.unready).toBe('The service is starting.')
  lifecycle.started = true
  expect(lifecycle.unready).toBeUndefined()
  lifecycle.draining = true
  expect(lifecycle.unready).toBe('The service is shutting down.')
})

test('is unready until the fault ends', () => {
  const lifecycle = new Lifecycle()
  lifecycle.started = true
  lifecycle.unreadyUntil = performance.now() + 60_000
  expect(lifecycle.unready).toBe('The unready fault is active.')
  lifecycle.unreadyUntil = performance.now()
  expect(lifecycle.unready).toBeUndefined()
})

test('is unready while a dependency is unavailable', () => {
  const lifecycle = new Lifecycle()
  lifecycle.started = true
  lifecycle.dependencies = [{ unavailable: undefined }, { unavailable: 'No database.' }]
  expect(lifecycle.unready).toBe('No database.')
  lifecycle.dependencies = [{ unavailable: undefined }]
  expect(lifecycle.unready).toBeUndefined()
})

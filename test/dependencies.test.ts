import { expect, test } from 'bun:test'
import { dependencies } from '../package.json'

test('the service has at most five runtime dependencies', () => {
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(5)
})

import { expect, test } from 'bun:test'
import { readChoice, readInteger } from './read-variable.ts'
import { UserError } from './user-error.ts'

test('a choice is one of the words, or the fallback when the variable is unset or empty', () => {
  for (const env of [{}, { SIZE: '' }]) expect(readChoice(env, 'SIZE', ['small', 'large'], 'small')).toBe('small')
  expect(readChoice({ SIZE: 'large' }, 'SIZE', ['small', 'large'], 'small')).toBe('large')
})

test('another word is refused, with the words that are accepted', () => {
  const read = (...words: string[]) => readChoice({ SIZE: 'huge' }, 'SIZE', words, '')
  expect(() => read('small', 'large')).toThrow(new UserError('SIZE: "huge" is not accepted; it takes small or large'))
  expect(() => read('small', 'medium', 'large')).toThrow('it takes small, medium, large')
})

test('an integer is within its bounds, or the fallback when the variable is unset or empty', () => {
  for (const env of [{}, { COUNT: '' }]) expect(readInteger(env, 'COUNT', { minimum: 1, fallback: 3 })).toBe(3)
  expect(readInteger({ COUNT: '1' }, 'COUNT', { minimum: 1, maximum: 5 })).toBe(1)
  expect(readInteger({ COUNT: '5' }, 'COUNT', { minimum: 1, maximum: 5 })).toBe(5)
})

test.each([
  ['0', { minimum: 1, maximum: 5 }, 'an integer from 1 to 5'],
  ['6', { minimum: 1, maximum: 5 }, 'an integer from 1 to 5'],
  ['0', { minimum: 1 }, 'an integer of at least 1'],
  ['1.5', {}, 'an integer'],
  ['many', {}, 'an integer'],
  ['', {}, 'an integer'],
])('the integer "%s" is refused with the bounds %j', (COUNT, bounds, accepted) => {
  expect(() => readInteger({ COUNT }, 'COUNT', bounds)).toThrow(
    new UserError(`COUNT: "${COUNT}" is not accepted; it takes ${accepted}`),
  )
})

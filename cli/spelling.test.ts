import { expect, test } from 'bun:test'
import { respell, spellingsOf, titleOf } from './spelling.ts'

const OLD = { name: 'old-name', title: 'The Old One' }
const NEW = { name: 'new-api', title: 'New' }
const ONE = { name: 'old', title: 'Old' }

test.each([
  ['old-name', 'new-api'],
  ['dist/old-name --help', 'dist/new-api --help'],
  ['old-name-pods.old-name.svc', 'new-api-pods.new-api.svc'],
  ['OLD_NAME_CACHE', 'NEW_API_CACHE'],
  ['old_name', 'new_api'],
  ['Old-Name', 'new-api'],
  ['the old name', 'the New'],
  ['The Old One: alerts', 'New: alerts'],
  ['startOldName(oldName, oldname)', 'startNewApi(newApi, newapi)'],
  ['the other name is old', 'the other name is old'],
])('%s becomes %s', (text, respelled) => {
  expect(respell(text, OLD, NEW)).toBe(respelled)
})

test.each([
  ['job="old"', 'job="new-api"'],
  ['OLD_CACHE, old-pods', 'NEW_API_CACHE, new-api-pods'],
  ["'Old: alerts'", "'New: alerts'"],
  ['Old habits', 'Old habits'],
  ['older, bold, old_total, examples/old/old.ts', 'older, bold, old_total, examples/old/new-api.ts'],
])('a name of one word is replaced as a whole word only: %s becomes %s', (text, respelled) => {
  expect(respell(text, ONE, NEW)).toBe(respelled)
})

test('a rename can be undone', () => {
  const text = "old-name OLD_NAME old_name 'The Old One'"
  expect(respell(respell(text, OLD, NEW), NEW, OLD)).toBe(text)
  expect(spellingsOf(OLD).test(respell(text, OLD, NEW))).toBeFalse()
})

test('the default title has the words of the name', () => {
  expect(titleOf('new-api')).toBe('New Api')
})

import { expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { matchesOutput, runSteps, stepsOf } from './document.ts'

const DOCUMENT = `# Tutorial
## Part one
\`\`\`sh
echo one
echo two 2>&1
\`\`\`
\`\`\`text
one
…
\`\`\`
\`\`\`ts
# not a command
\`\`\`
## Part two
### Step
\`\`\`sh
true
\`\`\`
`

test('commands are read with their output, line and headings', () => {
  expect(stepsOf(DOCUMENT)).toEqual([
    { command: 'echo one\necho two 2>&1', output: 'one\n…', line: 4, headings: ['Tutorial', 'Part one'] },
    { command: 'true', output: undefined, line: 17, headings: ['Tutorial', 'Part two', 'Step'] },
  ])
})

test.each([
  ['a\nb', 'a\nb\n', true],
  ['a … c', 'a long way to c', true],
  ['a\n…\nd', 'a\nb\nc\nd', true],
  ['a\n…\nd', 'a\nd', true],
  ['…', '', true],
  ['…\nb', 'a 1 %\ra 2 %\r\nb', true],
  ['a', 'a\nb', false],
  ['a … c', 'a\nc', false],
  ['…\nb', 'a\nB', false],
  ['✓ (fast)', '\u001b[32m✓\u001b[0m (fast)  ', true],
])('%j shows %j: %p', (expected, actual, matches) => {
  expect(matchesOutput(expected, actual)).toBe(matches)
})

test('a command that fails, and output that differs, name their place in the document', async () => {
  const cwd = tmpdir()
  await runSteps('D.md', stepsOf(DOCUMENT), cwd)
  const failing = stepsOf('```sh\necho why; false; echo on\n```')
  await expect(runSteps('D.md', failing, cwd)).rejects.toThrow(/^D\.md:2: echo why; false; echo on\nended with 1:\nwhy/)
  const differing = stepsOf('```sh\necho one >&2\n```\n```text\ntwo\n```')
  await expect(runSteps('D.md', differing, cwd)).rejects.toThrow('printed:\none\n\nbut the document shows:\ntwo')
})

import { expect, test } from 'bun:test'
import { WITH_INSTALL } from '../../test/programs.ts'
import { REFACTORINGS, refactor } from './refactorings.ts'
import { runTrials } from './run-trials.ts'
import { SURVIVORS } from './survivors.ts'
import { trials } from './trials.ts'

const NEVER = new AbortController().signal

test(
  'a sample of the mutants is killed, and a mutant without tests survives',
  async () => {
    const quick = trials().filter(({ group }) => ['service', 'workload', 'pipeline'].includes(group))
    const sample = quick.filter((_, i) => i % 20 === 7).filter(({ name }) => SURVIVORS[name] === undefined)
    expect(sample.length).toBeGreaterThan(5)
    const { outcomes, problems } = await runTrials(sample, NEVER, () => {})
    expect(problems).toEqual([])
    expect(outcomes.size).toBe(sample.length)

    const untested = sample.slice(0, 1).map(trial => ({ ...trial, runs: [] }))
    const { problems: found } = await runTrials(untested, NEVER, () => {})
    expect(found).toEqual([
      '0.0 % killed, less than 95 %',
      `${untested[0]?.name}: survived; add a test that kills it, or the reason to survivors.ts`,
    ])
  },
  WITH_INSTALL,
)

test('a removal from the catalogue does not compile', async () => {
  for (const removal of REFACTORINGS.filter(({ renamed }) => renamed === undefined))
    expect(await refactor(removal)).toMatch(/^\d+ errors of the compiler/)
}, 60_000)

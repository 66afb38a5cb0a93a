import { UserError } from '../../lib/user-error.ts'
import { REFACTORINGS, refactor } from '../../monitoring/mutation/refactorings.ts'
import { runTrials } from '../../monitoring/mutation/run-trials.ts'
import { SURVIVORS } from '../../monitoring/mutation/survivors.ts'
import { trials } from '../../monitoring/mutation/trials.ts'
import type { CommandLine } from '../command.ts'

export const command: CommandLine = {
  summary: 'Change the rules, one thing at a time, and check that their unit tests notice (five minutes)',
  details: `First, in a copy of the project, a metric, a label and a bucket bound are renamed: the new name must be everywhere, and the
tests must pass. Then one of each is removed: the project must not compile.
Then one thing of each rule is changed at a time: a comparison is flipped, a bound made ten times as large or as small, a window
halved or doubled, a matcher of a selector or a label of an aggregation dropped, a "for" removed or doubled.
Exit code 0 only if at least 95 % of the changes fail a unit test, and monitoring/mutation/survivors.ts gives the reason of each
other one.`,
  run: (_, signal) => mutate(signal),
}

async function mutate(signal: AbortSignal): Promise<number> {
  const wanted = process.env.RULE
  const refactored = wanted ? 0 : await refactorAll(signal)
  const all = trials().filter(({ rule }) => !wanted || rule === wanted)
  if (all.length === 0) throw new UserError(`RULE: there is no rule ${wanted} that has mutants`)
  console.log(`${all.length} mutants of ${new Set(all.map(({ rule }) => rule)).size} rules`)
  const began = Date.now()
  const { outcomes, problems } = await runTrials(all, signal, ({ name }, outcome, done) => {
    const reason = SURVIVORS[name]
    if (outcome === 'survived') console.log(`  survived  ${name}${reason ? `  (${reason})` : ''}`)
    if (done % 25 === 0) console.log(`${done} of ${all.length}, ${((Date.now() - began) / 1000).toFixed(0)} s`)
  })
  const count = (kind: string) => [...outcomes.values()].filter(outcome => outcome === kind).length
  const [killed, survived] = [count('killed'), count('survived')]
  const share = killed + survived > 0 ? ((100 * killed) / (killed + survived)).toFixed(1) : 0
  console.log(
    `${killed} of ${killed + survived} mutants killed (${share} %), ${count('invalid')} not taken by Prometheus, in ` +
      `${((Date.now() - began) / 1000).toFixed(0)} s`,
  )
  for (const problem of problems) console.error(`✗ ${problem}`)
  return problems.length + refactored === 0 ? 0 : 1
}

/** Makes each refactoring, one after the other; how many did not go as they must. */
async function refactorAll(signal: AbortSignal): Promise<number> {
  console.log(`${REFACTORINGS.length} refactorings; a rename takes about a minute`)
  let wrong = 0
  for (const refactoring of REFACTORINGS) {
    signal.throwIfAborted()
    try {
      console.log(`✓ ${refactoring.name}: ${await refactor(refactoring)}`)
    } catch (error) {
      wrong++
      console.log(`✗ ${refactoring.name}: ${(error as Error).message}`)
    }
  }
  return wrong
}

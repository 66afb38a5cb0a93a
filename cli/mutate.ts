import { UserError } from '../lib/user-error.ts'
import { REFACTORINGS, refactor } from '../monitoring/mutation/refactorings.ts'
import { runTrials } from '../monitoring/mutation/run.ts'
import { SURVIVORS } from '../monitoring/mutation/survivors.ts'
import { trials } from '../monitoring/mutation/trial.ts'
import { runCommand } from './run-command.ts'

const HELP = `bun cli/mutate.ts: changes the rules and what they are made from, and sees that it is noticed.

First, in a copy of the project, a metric, a label and a bucket bound are renamed: the new name must be wherever the old one
was, and the tests green. Then one of each is removed: it must not compile.
Then one thing of each rule is changed at a time, and the unit tests of the alerts must notice: each comparison is flipped,
each bound made ten times as large and as small, each window halved and doubled, each matcher of a selector and each label of
an aggregation dropped, each "for" removed and doubled. At least 95 % must be noticed, and each that is not is in
monitoring/mutation/survivors.ts with the reason. About five minutes on two cores.
By environment: RULE, the name of one alert or recording rule: its mutants alone (default: everything). Exit code 0 only if
all of this holds.
`

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.length > 0) {
    console.log(HELP)
    return args[0] === '--help' ? 0 : 2
  }
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
    const { problem, seen } = await refactor(refactoring)
    if (problem !== undefined) wrong++
    console.log(`${problem === undefined ? '✓' : '✗'} ${refactoring.name}: ${problem ?? seen}`)
  }
  return wrong
}

await runCommand(signal => main(Bun.argv.slice(2), signal))

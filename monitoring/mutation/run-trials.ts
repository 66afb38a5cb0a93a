import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { SURVIVORS } from './survivors.ts'
import { type MutantOutcome, outcomeOf, type Trial } from './trials.ts'

/** The outcomes of a mutation run, and its problems, one line each. */
interface MutationResult {
  readonly outcomes: ReadonlyMap<string, MutantOutcome>
  readonly problems: readonly string[]
}

/** Minimum ratio of killed mutants among the valid ones. */
const MIN_KILLED = 0.95

/**
 * Tests all mutants, as many at a time as there are cores. First tests the unchanged rules; if one fails, no mutant is
 * tested. Throws the signal's reason when aborted.
 * @param onOutcome is called with each outcome and the number of outcomes so far
 */
export async function runTrials(
  trials: readonly Trial[],
  signal: AbortSignal,
  onOutcome: (trial: Trial, outcome: MutantOutcome, done: number) => void,
): Promise<MutationResult> {
  const outcomes = new Map<string, MutantOutcome>()
  const limit = pLimit(availableParallelism())
  const unchanged = new Map(trials.map(({ rule, control }) => [rule, control]))
  const failing = await limit.map(unchanged, async ([rule, control]) => {
    signal.throwIfAborted()
    return (await outcomeOf(control)) === 'survived' ? [] : [`${rule}: the tests fail with the unchanged rule`]
  })
  if (failing.flat().length > 0) return { outcomes, problems: failing.flat() }
  await limit.map(trials, async trial => {
    signal.throwIfAborted()
    const outcome = await outcomeOf(trial.runs)
    outcomes.set(trial.name, outcome)
    onOutcome(trial, outcome, outcomes.size)
  })
  signal.throwIfAborted()
  return { outcomes, problems: problemsOf(outcomes) }
}

function problemsOf(outcomes: ReadonlyMap<string, MutantOutcome>): string[] {
  const namesOf = (wanted: MutantOutcome) =>
    [...outcomes].filter(([, outcome]) => outcome === wanted).map(([name]) => name)
  const [killed, survived] = [namesOf('killed'), namesOf('survived')]
  const ratio = killed.length / (killed.length + survived.length)
  return [
    ...(ratio < MIN_KILLED ? [`${(ratio * 100).toFixed(1)} % killed, less than ${MIN_KILLED * 100} %`] : []),
    ...survived
      .filter(name => SURVIVORS[name] === undefined)
      .map(name => `${name}: survived; add a test that kills it, or the reason to survivors.ts`),
    ...killed
      .filter(name => SURVIVORS[name] !== undefined)
      .map(name => `${name}: killed, but is in survivors.ts; remove it from there`),
  ]
}

import { availableParallelism } from 'node:os'
import { SURVIVORS } from './survivors.ts'
import { type Outcome, type Trial, tryOut } from './trial.ts'

/** What a run of mutants came to. */
export interface Result {
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** What is wrong with it, a line each; none if it is fine. */
  readonly problems: readonly string[]
}

/** The least share of the valid mutants that must be killed. */
const LEAST = 0.95

/**
 * Tries mutants out, as many at a time as there are cores, after the tests on the rules as they are.
 * @param onOutcome is told of each as it is known, and how many are
 */
export async function runTrials(
  all: readonly Trial[],
  signal: AbortSignal,
  onOutcome: (trial: Trial, outcome: Outcome, done: number) => void,
): Promise<Result> {
  const outcomes = new Map<string, Outcome>()
  const broken: string[] = []
  const rules = new Map(all.map(({ rule, control }) => [rule, control]))
  await each([...rules], signal, async ([rule, control]) => {
    if ((await tryOut(control)) !== 'survived') broken.push(`${rule}: as it is, its tests fail`)
  })
  if (broken.length > 0) return { outcomes, problems: broken }
  await each(all, signal, async trial => {
    const outcome = await tryOut(trial.runs)
    outcomes.set(trial.name, outcome)
    onOutcome(trial, outcome, outcomes.size)
  })
  signal.throwIfAborted()

  const valid = [...outcomes].filter(([, outcome]) => outcome !== 'invalid')
  const survived = valid.filter(([, outcome]) => outcome === 'survived').map(([name]) => name)
  const share = 1 - survived.length / valid.length
  return {
    outcomes,
    problems: [
      ...(share < LEAST ? [`${(share * 100).toFixed(1)} % killed, less than ${LEAST * 100} %`] : []),
      ...survived.filter(name => SURVIVORS[name] === undefined).map(name => `${name}: survived, and nobody says why`),
      ...valid
        .filter(([name, outcome]) => outcome === 'killed' && SURVIVORS[name] !== undefined)
        .map(([name]) => `${name}: killed, but survivors.ts says that it cannot be`),
    ],
  }
}

async function each<T>(all: readonly T[], signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  async function next(): Promise<void> {
    const one = left.shift()
    if (one === undefined || signal.aborted) return
    await work(one)
    return next()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, next))
}

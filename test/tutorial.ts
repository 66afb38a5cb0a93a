import { join, resolve } from 'node:path'
import { tryAgain } from '../lib/try-again.ts'
import { runSteps, type Step, stepsOf } from './document.ts'

export const TUTORIAL = 'docs/tutorial.md'

/** The steps of a part of the tutorial, in order. */
export async function tutorialSteps(part: 'Part 1' | 'Part 2'): Promise<Step[]> {
  const text = await Bun.file(join(resolve(import.meta.dir, '..'), TUTORIAL)).text()
  return stepsOf(text).filter(({ headings }) => headings[1]?.startsWith(part))
}

/**
 * Runs a step as a reader does. The load that must pass is sent once more when it does not: another process may take the CPU,
 * and the tutorial then says the same.
 */
export async function runTutorialStep(step: Step, folder: string, env = process.env): Promise<void> {
  const run = () => runSteps(TUTORIAL, [step], folder, env)
  const mustPass = step.command.startsWith('make load') && !step.command.includes('||')
  await (mustPass ? tryAgain('the load of three replicas', 1, run) : run())
}

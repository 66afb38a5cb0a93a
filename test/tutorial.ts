import { join, resolve } from 'node:path'
import { type Step, stepsOf } from './document.ts'

export const TUTORIAL = 'docs/tutorial.md'

/** The steps of a part of the tutorial, in order. */
export async function tutorialSteps(part: 'Part 1' | 'Part 2'): Promise<Step[]> {
  const text = await Bun.file(join(resolve(import.meta.dir, '..'), TUTORIAL)).text()
  return stepsOf(text).filter(({ headings }) => headings[1]?.startsWith(part))
}

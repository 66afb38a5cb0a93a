import { appendFileSync, readFileSync } from 'node:fs'

/** Name of the environment variable with the file in which a tier of tests counts repeated attempts, one line each. */
const FILE_VARIABLE = 'TRIED_AGAIN_FILE'

/**
 * Runs an attempt. If it throws, runs it again, at most `repetitions` times. Every repetition is printed, and counted at
 * the end of the tier. Throws the error of the last attempt.
 * @param name what is attempted, as the output names it
 */
export async function tryAgain<T>(name: string, repetitions: number, attempt: () => Promise<T>): Promise<T> {
  for (let left = repetitions; ; left--)
    try {
      return await attempt()
    } catch (error) {
      if (left === 0) throw error
      const because = (error instanceof Error ? error.message : `${error}`).split('\n')[0]
      console.log(`tried again: ${name}, because ${because}`)
      const file = process.env[FILE_VARIABLE]
      if (file !== undefined) appendFileSync(file, `${name}\n`)
    }
}

/** Makes a file the one in which processes with the returned environment count repeated attempts. */
export const countedIn = (file: string): Record<string, string> => ({ [FILE_VARIABLE]: file })

/** Describes the repeated attempts that a file counts: how many, and the names. */
export function repetitionsIn(file: string): string {
  const names = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return `tried again: ${names.length} times${names.length > 0 ? ` (${names.join(', ')})` : ''}`
}

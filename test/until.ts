import { poll } from '../lib/poll.ts'

/**
 * Polls until the answer is neither false nor undefined, and returns that answer. Throws when `seconds` have passed; choose
 * them generously, for busy machines.
 * @param what the condition, as the error names it
 */
export async function until<T>(
  seconds: number,
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const answer = await poll(ask, { timeoutSeconds: seconds, intervalSeconds: 0.02 })
  if (answer === undefined) throw new Error(`not within ${seconds} s: ${what}`)
  return answer
}
